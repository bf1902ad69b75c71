"""Parallel streams of a text, cut into consecutive windows."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from apps.language_model.model import vocabulary

NO_TARGET = -1  # Padding behind the end of a stream.
SPREAD = 5  # Standard deviation of the lengths of windows, in steps.
SHORT = 0.05  # Share of the windows that have half the length.
RESET = 0.02  # Share of a stream's windows that begin with a zero state.


def windows_per_epoch(tokens: int, streams: int, steps: int) -> int:
    """Returns the number of windows, and so of training steps, of an epoch.

    Args:
      tokens: Length of the text.
      streams: Rows of a batch.
      steps: Tokens of a window of each stream, on average.
    """
    stream_length = -(-tokens // streams)
    return -(-stream_length // steps)


def windows(
    ids: np.ndarray, streams: int, steps: int, varied: bool
) -> Callable[[tf.Tensor | None], tf.data.Dataset]:
    """Returns a function from the seed of an epoch to its windows.

    The text is cut into streams of the same length, the rows of all batches.
    Each window continues where the one before it ended, with its states: only
    the gradient is cut off there (truncated backpropagation through time).

    Args:
      ids: int32 (tokens,); the whole text.
      streams: Rows of a batch.
      steps: Tokens of a window of each stream.
      varied: Whether the windows differ in length, and from epoch to epoch, so
        that no token is always the first of its window (Merity et al. 2018).
        The number of windows is the same, and `steps` is the mean length.

    Returns:
      A function that returns pairs of inputs and targets. The inputs are a
      dict of "tokens" int32 (streams, steps), the token before each target,
      and "reset" bool (streams,), whether the window begins with zero states.
      The targets are int32 (streams, steps), `NO_TARGET` behind the end.
      Without a seed, only the first window resets the states, and lengths do
      not vary. With a seed, a few later windows reset them, too: the model
      must also learn to read texts from their beginning.
    """
    length = -(-len(ids) // streams)
    count = windows_per_epoch(len(ids), streams, steps)
    room = length if varied else count * steps
    inputs = _streams(np.append(vocabulary.END, ids[:-1]), 0, streams, length)
    targets = _streams(ids, NO_TARGET, streams, length)
    padding = [[0, 0], [0, room - length]]
    inputs = tf.constant(np.pad(inputs, padding))
    targets = tf.constant(np.pad(targets, padding, constant_values=NO_TARGET))

    @tf.autograph.experimental.do_not_convert
    def epoch(seed):
        bounds = _bounds(length, count, steps, varied, seed)

        def window(number):
            start, end = bounds[number], bounds[number + 1]
            parts = [part[:, start:end] for part in (inputs, targets)]
            for part in parts:
                part.set_shape([streams, None if varied else steps])
            reset = tf.fill([streams], number == 0)
            if seed is not None:
                drawn = tf.random.stateless_uniform([streams], [seed, number])
                reset |= drawn < RESET
            return {"tokens": parts[0], "reset": reset}, parts[1]

        return tf.data.Dataset.range(count).map(window)

    return epoch


def _streams(ids, padding, streams, length):
    """Returns ids (streams, length), the last streams padded."""
    rows = np.full(streams * length, padding, np.int32)
    rows[: len(ids)] = ids
    return rows.reshape(streams, length)


def _bounds(length, count, steps, varied, seed):
    """Returns the start of each window of a stream, and the end of the last."""
    if not varied:
        return tf.range(count + 1) * steps
    if seed is None:
        return tf.range(count + 1) * length // count
    seed = tf.cast(seed, tf.int32)
    mean = length / count
    drawn = tf.random.stateless_normal([count], [seed, 0], mean, SPREAD)
    short = tf.random.stateless_uniform([count], [seed, 1]) < SHORT
    drawn = tf.maximum(tf.where(short, drawn / 2, drawn), 0.2 * mean)
    # One step each, and a share of the rest: no window is empty.
    shares = tf.cumsum(drawn) / tf.reduce_sum(drawn) * (length - count)
    ends = tf.range(1, count + 1) + tf.cast(tf.round(shares), tf.int32)
    return tf.concat([[0], ends[:-1], [length]], 0)
