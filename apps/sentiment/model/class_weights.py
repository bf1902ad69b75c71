"""Weights of the labels in the loss."""

import numpy as np

from apps.sentiment.model import indicators
from common.errors import UsageError

# Names of the labels 0 and 1.
BINARY = {"0": 0, "1": 1, "neg": 0, "pos": 1, "negative": 0, "positive": 1}


def of_labels(
    option: str, names: list[str], labels: np.ndarray, separator: str = ""
) -> np.ndarray | None:
    """Returns the weight of each label, or None if all are equal.

    "balanced" gives the number of texts, divided by the number of labels and
    the number of texts with the label: all labels have the same total weight.
    Where a text has any number of labels, the weight is that of the texts with
    the label next to 1 for those without, and "balanced" gives the number of
    texts without the label divided by that of the texts with it.

    Args:
      option: "balanced", or pairs such as "spam=5,ham=1"; labels that are not
        named have the weight 1.
      names: Of the labels; empty if these are 0 and 1.
      labels: Of the training texts; see `indicators.of_texts`.
      separator: Between the labels of a text; empty if a text has one.

    Raises:
      UsageError: A label does not exist, or a weight is not a number above 0.

    Reference: King & Zeng, Logistic Regression in Rare Events Data, Political
    Analysis 9, 2001.
    """
    if not option:
        return None
    indices = {name: i for i, name in enumerate(names)} or BINARY
    if option == "balanced":
        return _balanced(names, labels, separator)
    weights = np.ones(len(names) or 2, "f4")
    for pair in option.split(","):
        name, _, value = pair.rpartition("=")
        if name not in indices:
            raise UsageError(
                f"--class_weights={option}: there is no label {name!r}; the "
                f"labels are {', '.join(indices)}."
            )
        weights[indices[name]] = _weight(option, value)
    return weights


def _balanced(names, labels, separator):
    texts_with = indicators.of_texts(labels, names, separator).sum(0)
    texts = len(labels)
    if separator:
        return ((texts - texts_with) / texts_with).astype("f4")
    if not names:
        texts_with = np.array([texts - texts_with[0], texts_with[0]])
    return (texts / (len(texts_with) * texts_with)).astype("f4")


def of_texts(
    weights: np.ndarray, has_label: np.ndarray, separator: str = ""
) -> np.ndarray:
    """Returns the weights of texts for the classifier of each label.

    Args:
      weights: See `of_labels`.
      has_label: bool (texts, labels); see `indicators.of_texts`.
      separator: See `of_labels`.

    Returns:
      (texts, labels).
    """
    if separator:
        return np.where(has_label, weights, 1)
    if has_label.shape[1] == 1:
        return np.where(has_label, weights[1], weights[0])
    return np.broadcast_to((has_label @ weights)[:, None], has_label.shape)


def _weight(option, text):
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise UsageError(
            f"--class_weights={option}: {text!r} is not a number above 0."
        )
    return weight
