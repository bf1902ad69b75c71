"""Which text has which label, as a matrix."""

from collections.abc import Sequence

import numpy as np


def of_texts(
    labels: np.ndarray, names: Sequence[str], separator: str = ""
) -> np.ndarray:
    """Returns whether each text has each label, bool (texts, labels).

    Without names, the one column is that of positive.

    Args:
      labels: Raw targets, (texts,): 0 and 1, names as bytes, or names joined
        by the separator.
      names: Of the labels; empty if these are 0 and 1. Other names in `labels`
        have no column.
      separator: Between the labels of a text; empty if a text has one.
    """
    if not names:
        return labels[:, None] > 0.5
    indices = {name: i for i, name in enumerate(names)}
    matrix = np.zeros((len(labels), len(names)), bool)
    for row, text_labels in enumerate(split(labels, separator)):
        for name in text_labels:
            if name in indices:
                matrix[row, indices[name]] = True
    return matrix


def split(labels: np.ndarray, separator: str = "") -> list[list[str]]:
    """Returns the names of the labels of each text.

    Args:
      labels: See `of_texts`; not 0 and 1.
      separator: See `of_texts`.
    """
    decoded = (label.decode() for label in labels)
    if not separator:
        return [[label] for label in decoded]
    return [label.split(separator) if label else [] for label in decoded]
