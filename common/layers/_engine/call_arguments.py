"""Checks of the arguments that a recurrent layer is called with."""

import keras
import tensorflow as tf


def check_sequences(
    sequences: tf.Tensor, states: list | tf.Tensor | None
) -> tf.Tensor:
    """Returns the sequences, whose batch size is that of the states, if known.

    Sizes that the graph does not know are checked when it runs.

    Args:
      sequences: (batch, time, ...).
      states: the initial states, (batch, units) each; None for zeros.

    Raises:
      ValueError: there are no steps.
    """
    if sequences.shape[1] == 0:
        raise ValueError(_no_steps(tuple(sequences.shape)))
    if sequences.shape[1] is None:
        shape = tf.shape(sequences)
        with _check(shape[1] > 0, [_no_steps("(batch, 0, ...)")]):
            sequences = tf.identity(sequences)
    if sequences.shape[0] is None and states is not None:
        batch = keras.tree.flatten(states)[0].shape[0]
        return sequences if batch is None else _set_batch(sequences, batch)
    return sequences


def flatten_mask(mask: tf.Tensor | list | None) -> tf.Tensor | None:
    """Returns a mask (batch, time) from one that may be (batch, time, 1).

    Of a list of masks, it is the first: that of the sequences.
    """
    first = keras.tree.flatten(mask)[0]
    if first is None or len(first.shape) == 2:
        return first
    return tf.squeeze(first, -1)


def _no_steps(shape):
    return (
        f"Sequences of shape {shape} have no steps: "
        "pass at least one, e.g. a step of padding."
    )


def _set_batch(sequences, expected):
    """Returns the sequences with a known batch size, checked in the graph."""
    received = tf.shape(sequences)[0]
    message = [
        "The batch size of the input sequences must be the same as the batch "
        "size of the initial state. Expected batch size:",
        expected,
        "Received batch size:",
        received,
    ]
    with _check(tf.equal(received, expected), message):
        # XLA ignores assertions, but not the shape of a tensor.
        rows = tf.ensure_shape(tf.range(received), [expected])
    with tf.control_dependencies([rows]):
        sequences = tf.identity(sequences)
    sequences.set_shape([expected, *sequences.shape[1:]])
    return sequences


def _check(condition, message):
    """Returns a context whose operations run if the condition is true."""
    return tf.control_dependencies([tf.debugging.Assert(condition, message)])
