"""Reads a text from its first token to the last, and carries the state."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from apps.language_model import vocabulary


def read(
    follow: Callable, states: list[tf.Tensor], ids: np.ndarray, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns how probable each token is, and what the softmax read before it.

    Args:
      follow: as `Writing.follow`.
      states: before the first token, of one row.
      ids: int32 (tokens,).
      steps: how many tokens are read at once.

    Returns:
      Log probabilities (tokens,), and vectors (tokens, features).
    """
    inputs = np.append(vocabulary.END, ids[:-1]).astype(np.int32)
    logs, vectors = [], []
    for start in range(0, len(ids), steps):
        here = slice(start, start + steps)
        tokens, targets = (tf.constant(x[None, here]) for x in (inputs, ids))
        log, vector, states = follow(tokens, targets, states)
        logs.append(log[0].numpy())
        vectors.append(vector[0].numpy())
    return np.concatenate(logs), np.concatenate(vectors)
