"""A text in streams side by side, cut into windows that follow each other."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from apps.language_model import vocabulary

NOTHING = -1  # In place of a target, behind the end of a stream.
SPREAD = 5  # Of the lengths of windows: their standard deviation, in steps.
SHORT = 0.05  # Share of the windows that are half as long.
ANEW = 0.02  # Share of a stream's windows that begin without a state.


def windows(
    ids: np.ndarray, streams: int, steps: int, varied: bool
) -> Callable[[tf.Tensor | None], tf.data.Dataset]:
    """Returns what makes the windows of an epoch, given its seed.

    The text is cut into streams of the same length, side by side in a batch.
    Each window goes on where the one before it ended: with its state, the
    gradient alone ends there (truncated backpropagation through time).

    Args:
      ids: int32 (tokens,); of the whole text.
      streams: rows of a batch.
      steps: tokens of a window, and of a stream, between two updates.
      varied: whether windows differ in length, and in each epoch, so that no
        token is always the first of its window (Merity et al. 2018). The
        number of windows stays, and `steps` is the mean.

    Returns:
      A function that returns pairs of a dict, of "tokens" int32 (streams,
      steps), the token before each target, and "anew" bool (streams,), where
      there is no state to go on from; and of the targets, `NOTHING` behind the
      end. That is so in the first window. With a seed, it is now and then in a
      later one: a text of its own begins without a state, and that is to be
      learned, too. Without a seed, lengths do not vary.
    """
    length = -(-len(ids) // streams)
    count = -(-length // steps)
    room = length if varied else count * steps
    inputs = _folded(np.append(vocabulary.END, ids[:-1]), 0, streams, length)
    targets = _folded(ids, NOTHING, streams, length)
    behind = [[0, 0], [0, room - length]]
    inputs = tf.constant(np.pad(inputs, behind))
    targets = tf.constant(np.pad(targets, behind, constant_values=NOTHING))

    def epoch(seed):
        if varied and seed is not None:
            cuts = _cuts(length, count, seed)
        elif varied:
            cuts = tf.range(count + 1) * length // count
        else:
            cuts = tf.range(count + 1) * steps

        def window(number):
            start, end = cuts[number], cuts[number + 1]
            parts = [part[:, start:end] for part in (inputs, targets)]
            for part in parts:
                part.set_shape([streams, None if varied else steps])
            anew = tf.fill([streams], number == 0)
            if seed is not None:
                drawn = tf.random.stateless_uniform([streams], [seed, number])
                anew |= drawn < ANEW
            return {"tokens": parts[0], "anew": anew}, parts[1]

        return tf.data.Dataset.range(count).map(window)

    return epoch


def _folded(ids, behind, streams, length):
    """Returns ids (streams, length), filled up at the end of the last ones."""
    folded = np.full(streams * length, behind, np.int32)
    folded[: len(ids)] = ids
    return folded.reshape(streams, length)


def _cuts(length, count, seed):
    """Returns where the windows of a stream begin, and the last one ends."""
    seed = tf.cast(seed, tf.int32)
    mean = length / count
    drawn = tf.random.stateless_normal([count], [seed, 0], mean, SPREAD)
    short = tf.random.stateless_uniform([count], [seed, 1]) < SHORT
    drawn = tf.maximum(tf.where(short, drawn / 2, drawn), 0.2 * mean)
    # A step each, and a share of the others: no window is empty.
    shares = tf.cumsum(drawn) / tf.reduce_sum(drawn) * (length - count)
    ends = tf.range(1, count + 1) + tf.cast(tf.round(shares), tf.int32)
    return tf.concat([[0], ends[:-1], [length]], 0)
