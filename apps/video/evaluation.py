"""Accuracy and F1 of frames and segments, next to single frames."""

import numpy as np

from apps.video.baselines import frequent
from apps.video.baselines import single_frames
from common.data import batching
from common.evaluation.evaluation import Evaluation
from common.evaluation.metric import Metric
from common.evaluation.metrics import segments

OVERLAP = 0.5  # Of segments that match.


class VideoEvaluation(Evaluation):
    """Scores the labels of frames; frames without a label do not count.

    The statistics of a clip are counts, so that a thousand resampled test sets
    can be scored.
    """

    primary_metric = Metric("accuracy", "Share of frames labeled correctly.")
    metrics = (
        primary_metric,
        Metric("macro_f1", "Mean over the labels of the F1 of their frames."),
        Metric(
            "segment_f1",
            "F1 of segments; a predicted segment is correct if its "
            "intersection over union with a target segment of its label is at "
            f"least {OVERLAP}.",
        ),
    )

    def predict(self, model, examples, after_batch=lambda: None):
        targets, answers = [], []
        for x, y in examples.batch(self.config.batch_size).prefetch(2):
            labels = y["labels"].numpy()
            outputs = model.serve(**x)
            targets.append(labels)
            # Each batch is as long as its longest clip.
            answers.append(_resized(outputs["label"].numpy(), labels.shape[1]))
            after_batch()
        labels = np.concatenate(targets)
        numbers = np.arange(len(labels))
        y = {"labels": labels, "example": numbers}
        return y, {"label": np.concatenate(answers)}

    def per_example(self, y, outputs):
        names = np.unique(y["labels"][y["labels"] != b""])
        statistics = [
            _statistics(targets[is_scored], labels[is_scored], names)
            for targets, labels, is_scored in zip(
                y["labels"], outputs["label"], y["labels"] != b""
            )
        ]
        return {
            name: np.array([row[name] for row in statistics])
            for name in statistics[0]
        }

    def aggregate(self, statistics):
        hits, total = (statistics[name].sum(0) for name in ("hits", "frames"))
        exists = total > 0
        return {
            "accuracy": float(statistics["hits"].sum())
            / max(1, int(statistics["targets"].sum())),
            "macro_f1": float(np.mean(2 * hits[exists] / total[exists]))
            if exists.any()
            else 0.0,
            "segment_f1": segments.f1(statistics["segments"].sum(0)),
        }

    def clusters(self, y):
        groups = self.app.dataset.clip_groups(self.config.split)
        if groups is None:
            return None
        return np.unique(groups, return_inverse=True)[1][y["example"]]

    def baselines(self, model):
        train, valid, test = (
            self.app.examples(name) for name in ("train", "valid", "test")
        )
        known = batching.targets(train)["labels"]
        labels = single_frames.predict_labels(
            self.config, np.sum(known != b""), train, valid, test
        )
        most_frequent = frequent.predict_labels(known, labels.shape)
        return {
            "single frames": {"label": labels},
            "most frequent": {"label": most_frequent},
        }


def _resized(labels, length):
    """Returns labels (batch, length), cut or padded with empty ones."""
    padded = np.full((len(labels), length), b"", object)
    shared = min(length, labels.shape[1])
    padded[:, :shared] = labels[:, :shared]
    return padded


def _statistics(targets, labels, names):
    """Returns the counts of a clip: of frames by label, and of segments."""
    hits = [np.sum((targets == n) & (labels == n)) for n in names]
    frames = [np.sum(targets == n) + np.sum(labels == n) for n in names]
    return {
        "hits": hits,
        "frames": frames,
        "targets": len(targets),
        "segments": segments.overlap_counts(targets, labels, OVERLAP),
    }
