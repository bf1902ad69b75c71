"""Accuracy, F1, ROC AUC, log loss and ordinal scores, next to NB-SVM."""

import numpy as np

from apps.sentiment import baselines
from apps.sentiment.evaluation import figures
from apps.sentiment.model import class_weights
from common.data import batching
from common.errors import UserError
from common.evaluation import plots
from common.evaluation.evaluation import Evaluation
from common.evaluation.evaluation import Notes
from common.evaluation.metric import Metric
from common.evaluation.metrics import classification


class SentimentEvaluation(Evaluation):
    """Scores the probabilities that texts are positive, or of named labels."""

    primary_metric = Metric("accuracy", "Share of texts classified correctly.")
    metrics = (
        primary_metric,
        Metric("f1", "F1 of the positive class at the threshold 0.5."),
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
            "Mean negative log-likelihood of the labels.",
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

    def per_example(self, y, outputs):
        if "probabilities" in outputs:
            probabilities = outputs["probabilities"]
            is_target = y["label"][:, None] == outputs["labels"]
            unknown = y["label"][~is_target.any(1)]
            if len(unknown):  # Of data that the model was not trained on.
                raise UserError(
                    f"The model has no label {unknown[0].decode()!r}: rename "
                    "or remove it."
                )
            statistics = {
                "target": is_target.argmax(1),
                "predicted": probabilities.argmax(1),
                "likelihood": (probabilities * is_target).sum(1),
            }
            values = _numbers(outputs["labels"][0])
            if values is not None:
                statistics["target_value"] = values[statistics["target"]]
                statistics["predicted_value"] = values[statistics["predicted"]]
            return statistics
        return {"label": y["label"], "positive": outputs["positive"]}

    def aggregate(self, statistics):
        if "target" in statistics:
            arguments = statistics["target"], statistics["predicted"]
            return {
                "accuracy": float(np.mean(np.equal(*arguments))),
                "macro_f1": classification.macro_f1(*arguments),
                **_ordinal(statistics),
                "log_loss": classification.log_loss(
                    np.ones(len(arguments[0])), statistics["likelihood"]
                ),
            }
        arguments = statistics["label"], statistics["positive"]
        return {
            "accuracy": classification.accuracy(*arguments),
            "f1": classification.f1(*arguments),
            "roc_auc": classification.roc_auc(*arguments),
            "log_loss": classification.log_loss(*arguments),
        }

    def baselines(self, model):
        splits = [
            self.app.examples(name) for name in ("train", "valid", "test")
        ]
        labels = self._labels = model.arguments.labels
        weights = class_weights.of_labels(
            self.config.class_weights,
            labels,
            batching.targets(splits[0])["label"],
        )
        probabilities = baselines.probabilities(*splits, labels, weights)
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
        if "target" in statistics:
            names = self._labels
            pair = statistics["target"], statistics["predicted"]
        else:
            names = ["negative", "positive"]
            pair = (statistics[n] > 0.5 for n in ("label", "positive"))
        figure = figures.confusion_matrix(
            names, *(np.asarray(values, int) for values in pair)
        )
        plots.save(figure, self._confusion_matrix)
        return Notes([f"See {self._confusion_matrix}"])


def _numbers(labels):
    """Returns the labels as numbers, or None if one is not a number."""
    try:
        values = np.array([float(label) for label in labels])
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def _ordinal(statistics):
    """Returns the scores of labels that are numbers; {} for others."""
    if "target_value" not in statistics:
        return {}
    pair = statistics["target_value"], statistics["predicted_value"]
    return {
        "mean_absolute_error": float(np.abs(np.subtract(*pair)).mean()),
        "kappa": classification.weighted_kappa(*pair),
    }
