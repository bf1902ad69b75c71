"""No translation at all: the source, unchanged."""

import numpy as np


def translations(test) -> np.ndarray:
    """Returns the sources of the examples, bytes (examples,).

    Args:
      test: Data set of ({"text": string}, y).
    """
    return np.array([x["text"].numpy() for x, _ in test], object)
