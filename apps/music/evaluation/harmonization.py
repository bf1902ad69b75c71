"""Harmonies of the test melodies, next to those of the most frequent notes."""

import numpy as np

from apps.music.baselines import harmony
from common.evaluation import bootstrap

VOICES = ("alto", "tenor", "bass")


def add(notes, app, pieces_of):
    """Harmonizes the test melodies, and adds the accuracies to a report.

    Args:
      notes: `Notes`.
      app: The app with its trained model of voices.
      pieces_of: Function from a split to its pieces, (frames, 4) each.
    """
    train, valid, test = map(pieces_of, ("train", "valid", "test"))
    ours = [_harmonized(app.model, app.config, piece) for piece in test]
    baseline = harmony.Harmonizer(train, valid)
    usual = [baseline.harmonize(piece[:, 0]) for piece in test]
    lengths = np.array([len(piece) for piece in test])
    correct = _correct(test, ours), _correct(test, usual)
    intervals = _intervals(*correct, lengths, app.config.seed)
    accuracies = [counts.sum(0) / lengths.sum() for counts in correct]
    same = sum(_has_melody(*pair) for pair in zip(test, ours))
    listed = ", ".join(
        f"{voice} {accuracies[0][i]:.3f} ({low:.3f} … {high:.3f}; most "
        f"frequent notes {accuracies[1][i]:.3f})"
        for i, (voice, (low, high)) in enumerate(zip(VOICES, intervals))
    )
    gains = ", ".join(
        f"{voice} {low:+.3f} … {high:+.3f}"
        for voice, (low, high) in zip(VOICES, intervals[len(VOICES) :])
    )
    notes.sentences.extend(
        [
            f"Harmonies of the {len(test)} test melodies, accuracy of the "
            f"frames: {listed}.",
            f"Gain over the most frequent notes: {gains} (95 %).",
            f"Melody and length are unchanged in {same} of {len(test)}.",
        ]
    )
    notes.details["harmonization"] = {
        "pieces": len(test),
        "unchanged_melodies": same,
        "accuracy": dict(zip(VOICES, accuracies[0].tolist())),
        "interval": dict(zip(VOICES, intervals[: len(VOICES)].tolist())),
        "most_frequent_notes": dict(zip(VOICES, accuracies[1].tolist())),
        "gain": dict(zip(VOICES, intervals[len(VOICES) :].tolist())),
    }


def _harmonized(model, config, piece):
    """Returns the voices that a model adds to the melody of a piece.

    The most probable notes: an accuracy is asked for, not variety.
    """
    import tensorflow as tf

    outputs = model.serving.harmonize(
        tf.constant(piece[None, :, 0]), 0.0, 1.0, config.tempo, 0
    )
    return outputs["voices"][0].numpy()


def _correct(pieces, answers):
    """Returns the correct frames of each piece and lower voice, (pieces, 3)."""
    return np.array(
        [
            (piece[:, 1:] == answer[: len(piece), 1:]).sum(0)
            for piece, answer in zip(pieces, answers)
        ]
    )


def _has_melody(piece, answer):
    """Returns whether an answer has the melody of a piece, and its length."""
    return np.array_equal(piece[:, 0], answer[:, 0])


def _intervals(ours, usual, lengths, seed):
    """Returns intervals of the accuracies, then of the gains, (6, 2)."""

    def statistic(rows):
        frames = lengths[rows].sum()
        accuracy = ours[rows].sum(0) / frames
        return [*accuracy, *(accuracy - usual[rows].sum(0) / frames)]

    return bootstrap.interval(statistic, len(lengths), seed)
