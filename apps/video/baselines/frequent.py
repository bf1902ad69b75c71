"""The most frequent label of the training frames."""

import numpy as np
import tensorflow as tf

from common.data import batching


def labels(train: tf.data.Dataset, test: tf.data.Dataset) -> np.ndarray:
    """Returns that label for each test frame, (clips, frames).

    Args:
      train: Raw examples.
      test: Raw examples.
    """
    known = batching.targets(train)["labels"]
    names, counts = np.unique(known[known != b""], return_counts=True)
    best = names[counts.argmax()]
    return np.full_like(batching.targets(test)["labels"], best)
