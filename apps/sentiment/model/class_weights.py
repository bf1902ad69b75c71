"""Weights of the labels in the loss."""

import numpy as np

from common.errors import UsageError

# Names of the labels 0 and 1.
BINARY = {"0": 0, "1": 1, "neg": 0, "pos": 1, "negative": 0, "positive": 1}


def of_labels(
    option: str, names: list[str], labels: np.ndarray
) -> np.ndarray | None:
    """Returns the weight of each label, or None if all are equal.

    "balanced" gives the number of texts, divided by the number of labels and
    the number of texts with the label: all labels have the same total weight.

    Args:
      option: "balanced", or pairs such as "spam=5,ham=1"; labels that are not
        named have the weight 1.
      names: Of the labels; empty if these are 0 and 1.
      labels: Of the training texts: their names as bytes, or 0 and 1.

    Raises:
      UsageError: A label does not exist, or a weight is not a number above 0.
    """
    if not option:
        return None
    indices = {name: i for i, name in enumerate(names)} or BINARY
    count = len(names) or 2
    if option == "balanced":
        if names:
            labels = [indices[label.decode()] for label in labels]
        frequencies = np.bincount(np.asarray(labels, int), minlength=count)
        return (len(labels) / (count * frequencies)).astype("f4")
    weights = np.ones(count, "f4")
    for pair in option.split(","):
        name, _, value = pair.rpartition("=")
        if name not in indices:
            raise UsageError(
                f"--class_weights={option}: there is no label {name!r}; the "
                f"labels are {', '.join(indices)}."
            )
        weights[indices[name]] = _weight(option, value)
    return weights


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
