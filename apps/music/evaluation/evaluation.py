"""Nats per frame, next to those of Markov chains."""

import numpy as np

from apps.music.baselines import rolls as roll_baselines
from apps.music.baselines import voices as voice_baselines
from apps.music.data import rolls
from apps.music.evaluation import generated
from apps.music.evaluation import harmonization
from apps.music.evaluation import scores
from common.evaluation.evaluation import Evaluation
from common.evaluation.evaluation import Notes
from common.evaluation.metric import Metric

# The family of distributions that a number belongs to.
FAMILIES = {
    "keys": "factorized: the keys of a frame are independent",
    "nade": "joint: each key depends on the lower ones of its frame",
    "voices": "voices: each pitch depends on those chosen before it, in the "
    "order soprano, bass, alto, tenor",
    "melody": "melody: one pitch in a frame",
}


class MusicEvaluation(Evaluation):
    """Scores the probability of each frame given those before it.

    The first frame of a piece is not scored, as in the published tables. A
    predicted frame holds the most probable notes, given the true frames before
    it.
    """

    primary_metric = Metric(
        "nats_per_frame",
        "Mean negative log-likelihood of a frame, from the second one on.",
        lower_is_better=True,
        unit="nats",
    )
    metrics = (
        primary_metric,
        Metric(
            "frame_accuracy",
            "TP / (TP + FP + FN) of the notes of all frames (Bay et al. 2009).",
        ),
        Metric("f1", "2 TP / (2 TP + FP + FN) of the notes of all frames."),
        Metric(
            "above_floor",
            "Relative excess of the nats over those of the true distribution "
            "of the sample.",
            lower_is_better=True,
        ),
    )

    def predict(self, model, examples, after_batch=lambda: None):
        rows = []
        for x, _ in examples.batch(self.config.batch_size).prefetch(2):
            outputs = model.serving.predictions(**x)
            (pieces,) = x.values()
            rows += [
                self._statistics(piece, nats, roll)
                for piece, nats, roll in zip(
                    pieces.numpy(),
                    outputs["nats"].numpy(),
                    outputs["roll"].numpy(),
                )
            ]
            after_batch()
        return {"number": np.arange(len(rows))}, _stacked(rows)

    def per_example(self, y, outputs):
        return outputs

    def aggregate(self, statistics):
        """Returns the metrics.

        Args:
          statistics: "nats" and "frames" (pieces,), both without first frames;
            "notes" (pieces, 3), see `scores.FrameCounts`; on the sample,
            "floor" (pieces,), the nats of the true distribution.
        """
        frames = max(1, statistics["frames"].sum())
        nats = statistics["nats"].sum() / frames
        counts = scores.FrameCounts(*statistics["notes"].sum(0))
        metrics = {
            "nats_per_frame": float(nats),
            "frame_accuracy": float(scores.frame_accuracy(counts)),
            "f1": float(scores.f1(counts)),
        }
        if "floor" in statistics:
            floor = statistics["floor"].sum() / frames
            metrics["above_floor"] = float(nats / floor - 1)
        return metrics

    def baselines(self, model):
        is_roll = self.config.network in ("keys", "nade")
        fit = (roll_baselines if is_roll else voice_baselines).fit
        train, valid, test = (
            [self._as_read(piece) for piece in self._pieces(split)]
            for split in ("train", "valid", "test")
        )
        return {
            name.replace("_", " "): _stacked(
                self._statistics(
                    piece,
                    baseline.nats(piece),
                    _sounding(baseline.most_probable(piece)),
                )
                for piece in test
            )
            for name, baseline in fit(train, valid).items()
        }

    def notes(self, y, statistics, baselines):
        family = FAMILIES[self.config.network]
        notes = Notes([f"Family {family}."], {"family": family})
        if "floor" in statistics:
            frames = statistics["frames"].sum()
            floor = float(statistics["floor"].sum() / frames)
            notes.sentences.append(
                f"Floor, the true distribution: {floor:.4f} nats per frame."
            )
            notes.details["floor"] = floor
        generated.add(notes, self.app, self._pieces("train"))
        if self.config.network == "voices" and self.config.split == "test":
            harmonization.add(notes, self.app, self._pieces)
        return notes

    def _pieces(self, split):
        """Returns the pieces of a split without padding."""
        pieces = [
            next(iter(x.values()))
            for x, _ in self.app.examples(split).as_numpy_iterator()
        ]
        return [piece[piece[:, 0] >= 0] for piece in pieces]

    def _as_read(self, piece):
        """Returns a piece as the network reads it: its melody alone."""
        if self.config.network != "melody":
            return piece
        return rolls.voices_of(piece, 1)

    def _statistics(self, piece, nats, predicted):
        """Returns the statistics of a piece; see `aggregate`.

        Args:
          piece: (frames, columns), padded or not.
          nats: Of at least its frames.
          predicted: Rolls of at least its frames.
        """
        piece = piece[piece[:, 0] >= 0]
        nats, predicted = nats[: len(piece)], predicted[: len(piece)]
        roll = _sounding(self._as_read(piece) if piece.shape[1] > 1 else piece)
        statistics = {
            "nats": nats[1:].sum(dtype=float),
            "frames": len(piece) - 1,
            "notes": np.array(scores.count_notes(roll, predicted)),
        }
        true = self.app.dataset.log_probabilities(piece)
        if true is not None:
            statistics["floor"] = -true[1:].sum()
        return statistics


def _sounding(frames):
    """Returns the roll of voices, or a roll itself."""
    is_roll = frames.shape[1] == rolls.KEYS
    return frames if is_roll else rolls.of_voices(frames)


def _stacked(rows):
    """Returns the statistics of all pieces, an array each."""
    rows = list(rows)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}
