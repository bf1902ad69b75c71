"""Reads a text from the first token to the last, carrying the states."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from apps.language_model.model import vocabulary


class Reading(NamedTuple):
    """What a model computes for each token of a text.

    Attributes:
      log_probabilities: (tokens,), in nats.
      vectors: (tokens, features); the inputs of the softmax.
    """

    log_probabilities: np.ndarray
    vectors: np.ndarray


def read(
    follow: Callable, states: list[tf.Tensor], ids: np.ndarray, steps: int
) -> Reading:
    """Reads a text in order.

    Args:
      follow: See `Scorer.follow`.
      states: Before the first token, of one row.
      ids: int32 (tokens,).
      steps: Tokens of a call of `follow`.
    """
    inputs = np.append(vocabulary.END, ids[:-1]).astype(np.int32)
    parts = []
    for start in range(0, len(ids), steps):
        part = slice(start, start + steps)
        tokens, targets = (tf.constant(x[None, part]) for x in (inputs, ids))
        log_probabilities, vectors, states = follow(tokens, targets, states)
        parts.append((log_probabilities[0].numpy(), vectors[0].numpy()))
    return Reading(*map(np.concatenate, zip(*parts, strict=True)))
