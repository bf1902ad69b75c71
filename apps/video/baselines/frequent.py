"""The most frequent label of the training frames."""

import numpy as np


def predict_labels(train_labels: np.ndarray, shape: tuple) -> np.ndarray:
    """Returns that label for each test frame, (clips, frames).

    Args:
      train_labels: Of the training frames; empty ones do not count.
      shape: Of the labels to return.
    """
    known = train_labels[train_labels != b""]
    names, counts = np.unique(known, return_counts=True)
    return np.full(shape, names[counts.argmax()], object)
