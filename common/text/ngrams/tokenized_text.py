"""The tokens of a whole text."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf


class TokenizedText(NamedTuple):
    """The tokens of a text, line after line, each with its end.

    Attributes:
      ids: int (tokens,).
      lengths: int (lines,); tokens of each line.
    """

    ids: np.ndarray
    lengths: np.ndarray

    def sums_by_line(self, values: np.ndarray) -> np.ndarray:
        """Returns the sum of the values (tokens,) of each line, (lines,)."""
        return np.add.reduceat(values, np.cumsum(self.lengths) - self.lengths)


def tokenize(examples: tf.data.Dataset, preprocess: Callable) -> TokenizedText:
    """Returns the tokens of the lines of a text.

    Args:
      examples: Raw examples.
      preprocess: Maps a batch of them to ragged ids; see `LanguageModel`.
    """
    preprocess = tf.autograph.experimental.do_not_convert(preprocess)
    parts = list(examples.batch(1024).map(preprocess))
    return TokenizedText(
        np.concatenate([part.flat_values.numpy() for part in parts]),
        np.concatenate([part.row_lengths().numpy() for part in parts]),
    )
