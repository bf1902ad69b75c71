"""Accuracy, F1, ROC AUC, log loss and ordinal scores, next to NB-SVM."""

import numpy as np

from apps.sentiment import baselines
from apps.sentiment.evaluation import scores
from apps.sentiment.model import class_weights
from common.data import batching
from common.evaluation import plots
from common.evaluation.evaluation import Evaluation
from common.evaluation.evaluation import Notes
from common.evaluation.metric import Metric


class SentimentEvaluation(Evaluation):
    """Scores the probabilities that texts are positive, or of named labels.

    Where a text has any number of labels, micro F1 is the primary metric: with
    many labels hardly a text has exactly the right ones, and accuracy gives no
    credit for the rest; and without labels on most texts, a model that never
    predicts one would have a high accuracy.
    """

    primary_metric = Metric(
        "accuracy",
        "Share of texts classified correctly; with --label_separator, of those "
        "with exactly the right labels.",
    )
    micro_f1 = Metric(
        "micro_f1",
        "F1 over all labels of all texts; with --label_separator only.",
    )
    metrics = (
        primary_metric,
        Metric("f1", "F1 of the positive class at the threshold 0.5."),
        micro_f1,
        Metric(
            "macro_f1", "Mean over the labels of the F1 of each; of names only."
        ),
        Metric(
            "roc_auc",
            "Probability that a positive text ranks above a negative one.",
        ),
        Metric(
            "mean_absolute_error",
            "Mean distance of predicted and true labels that are numbers.",
            lower_is_better=True,
        ),
        Metric(
            "kappa",
            "Cohen's kappa with quadratic weights, of labels that are numbers.",
        ),
        Metric(
            "log_loss",
            "Mean negative log-likelihood of the labels; with "
            "--label_separator, the mean over texts and labels.",
            lower_is_better=True,
            unit="nats",
        ),
    )

    def __init__(self, app):
        super().__init__(app)
        path = self.config.confusion_matrix
        self._confusion_matrix = (
            plots.png_path("confusion_matrix", path) if path else None
        )
        self._labels = []  # Of the model; set by `baselines`.
        if self.config.label_separator:
            self.primary_metric = self.micro_f1

    def per_example(self, y, outputs):
        is_named = "probabilities" in outputs
        return self._scores(is_named).statistics(y, outputs)

    def aggregate(self, statistics):
        return self._scores("positive" not in statistics).metrics(statistics)

    def _scores(self, is_named):
        if self.config.label_separator:
            return scores.AnyOfMany(self.config.label_separator)
        return scores.OneOfMany() if is_named else scores.PositiveOrNegative()

    def baselines(self, model):
        splits = [
            self.app.examples(name) for name in ("train", "valid", "test")
        ]
        labels = self._labels = model.arguments.labels
        separator = self.config.label_separator
        weights = class_weights.of_labels(
            self.config.class_weights,
            labels,
            batching.targets(splits[0])["label"],
            separator,
        )
        probabilities = baselines.probabilities(
            *splits, labels, weights, separator
        )
        if not labels:
            return {"NB-SVM": {"positive": probabilities}}
        names = np.array([label.encode() for label in labels], object)
        return {
            "NB-SVM": {
                "labels": np.broadcast_to(names, probabilities.shape),
                "probabilities": probabilities,
            }
        }

    def notes(self, y, statistics, baselines):
        if not self._confusion_matrix:
            return Notes()
        of_kind = self._scores("positive" not in statistics)
        figure = of_kind.confusions(self._labels, statistics)
        plots.save(figure, self._confusion_matrix)
        return Notes([f"See {self._confusion_matrix}"])
