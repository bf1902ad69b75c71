"""Statistics and metrics of each kind of labels.

Each class maps targets and answers to `statistics`, (texts, ...) each, these to
`metrics`, and to the picture of the `confusions`.
"""

import numpy as np

from apps.sentiment.evaluation import figures
from apps.sentiment.model import indicators
from common.errors import UserError
from common.evaluation.metrics import classification


class PositiveOrNegative:
    """Labels 1 and 0, and the probability of 1."""

    def statistics(self, y, outputs):
        return {"label": y["label"], "positive": outputs["positive"]}

    def metrics(self, statistics):
        arguments = statistics["label"], statistics["positive"]
        return {
            "accuracy": classification.accuracy(*arguments),
            "f1": classification.f1(*arguments),
            "roc_auc": classification.roc_auc(*arguments),
            "log_loss": classification.log_loss(*arguments),
        }

    def confusions(self, names, statistics):
        """Returns the figure of the true against the predicted labels."""
        pair = (statistics[n] > 0.5 for n in ("label", "positive"))
        targets, predictions = (values.astype(int) for values in pair)
        return figures.confusion_matrix(
            ["negative", "positive"], targets, predictions
        )


class OneOfMany:
    """One name for each text; the likeliest one is predicted."""

    def statistics(self, y, outputs):
        probabilities, names = outputs["probabilities"], outputs["labels"][0]
        _refuse_unknown([[label.decode()] for label in y["label"]], names)
        is_target = y["label"][:, None] == names
        statistics = {
            "target": is_target.argmax(1),
            "predicted": probabilities.argmax(1),
            "likelihood": (probabilities * is_target).sum(1),
        }
        values = _numbers(names)
        if values is not None:
            statistics["target_value"] = values[statistics["target"]]
            statistics["predicted_value"] = values[statistics["predicted"]]
        return statistics

    def metrics(self, statistics):
        arguments = statistics["target"], statistics["predicted"]
        return {
            "accuracy": float(np.mean(np.equal(*arguments))),
            "macro_f1": classification.macro_f1(*arguments),
            **_ordinal(statistics),
            "log_loss": classification.log_loss(
                np.ones(len(arguments[0])), statistics["likelihood"]
            ),
        }

    def confusions(self, names, statistics):
        return figures.confusion_matrix(
            names, statistics["target"], statistics["predicted"]
        )


class AnyOfMany:
    """Any number of names for each text: those of probability 0.5 or more.

    Args:
      separator: Between the labels of a text.
    """

    def __init__(self, separator):
        self._separator = separator

    def statistics(self, y, outputs):
        names = outputs["labels"][0]
        _refuse_unknown(indicators.split(y["label"], self._separator), names)
        targets = indicators.of_texts(
            y["label"], [name.decode() for name in names], self._separator
        )
        probabilities = outputs["probabilities"]
        losses = map(classification.log_loss, targets, probabilities)
        return {
            "targets": targets,
            "predictions": probabilities >= 0.5,
            "log_loss": np.array(list(losses)),
        }

    def metrics(self, statistics):
        arguments = statistics["targets"], statistics["predictions"]
        return {
            "accuracy": float(np.mean(np.equal(*arguments).all(1))),
            "micro_f1": classification.micro_f1(*arguments),
            "macro_f1": classification.multi_label_macro_f1(*arguments),
            "log_loss": float(np.mean(statistics["log_loss"])),
        }

    def confusions(self, names, statistics):
        return figures.confusion_of_each(
            names, statistics["targets"], statistics["predictions"]
        )


def _refuse_unknown(labels, names):
    """Refuses labels of data that the model was not trained on."""
    known = {name.decode() for name in names}
    for label in (label for of_text in labels for label in of_text):
        if label not in known:
            raise UserError(
                f"The model has no label {label!r}: rename or remove it."
            )


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
