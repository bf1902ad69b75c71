"""Greedy CTC decoding: the most probable path."""

from typing import NamedTuple

import tensorflow as tf


class BestPath(NamedTuple):
    """The tokens of the most probable path.

    Attributes:
      tokens: int32 (batch, frames); each token in its first frame, 0 in all
        other frames.
      last: int32 (batch,); the token of the last frame, blank or not: the state
        of a stream.
    """

    tokens: tf.Tensor
    last: tf.Tensor


def best_path(
    log_probs: tf.Tensor, lengths: tf.Tensor, last: tf.Tensor | None = None
) -> BestPath:
    """Returns the most probable path, repeated tokens merged.

    Args:
      log_probs: (batch, frames, 1 + tokens), or logits; token 0 is the blank.
      lengths: int32 (batch,); number of frames of each row.
      last: int32 (batch,); `BestPath.last` of the frames before, in a stream.

    Reference: Graves et al., Connectionist Temporal Classification: Labelling
    Unsegmented Sequence Data with Recurrent Neural Networks, 2006.
    """
    path = tf.argmax(log_probs, -1, tf.int32)
    last = tf.zeros_like(lengths) if last is None else last
    with_last = tf.concat([last[:, None], path], 1)
    is_first = (path != with_last[:, :-1]) & tf.sequence_mask(
        lengths, tf.shape(path)[1]
    )
    return BestPath(
        tf.where(is_first, path, 0),
        tf.gather(with_last, lengths, batch_dims=1),
    )


def texts(tokens: tf.Tensor, symbols: tf.Tensor) -> tf.Tensor:
    """Returns the text of each row, string (batch,).

    Args:
      tokens: int32 (batch, frames); 0 adds nothing.
      symbols: string (1 + tokens,); the first one, of the blank, is empty.
    """
    return tf.strings.reduce_join(tf.gather(symbols, tokens), 1)
