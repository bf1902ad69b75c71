"""Checks of the arguments that a recurrent layer is called with."""

import keras
import tensorflow as tf


def check_steps(sequences: tf.Tensor) -> tf.Tensor:
    """Returns the sequences, which have at least one step.

    Args:
      sequences: (batch, time, ...).

    Raises:
      ValueError: there are no steps. A graph that does not know the length
        raises `InvalidArgumentError` when it runs.
    """
    if sequences.shape[1] == 0:
        raise ValueError(_no_steps(tuple(sequences.shape)))
    if sequences.shape[1] is not None:
        return sequences
    steps = tf.shape(sequences)[1]
    with _check(steps > 0, [_no_steps("(batch, 0, ...)")]):
        return tf.identity(sequences)


def match_batch(
    sequences: tf.Tensor, states: list[tf.Tensor]
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Returns sequences and states of the same batch size.

    States of one example are repeated for each example. If the graph does not
    know the batch size of the sequences, it is that of the states, which is
    checked when the graph runs.

    Args:
      sequences: (batch, time, ...).
      states: (batch, units) or (1, units) each, in any structure.

    Raises:
      ValueError: the batch sizes differ.
    """
    batch = sequences.shape[0]
    size = batch or tf.shape(sequences)[0]
    states = keras.tree.map_structure(
        lambda s: _repeat(s, size) if s.shape[0] == 1 != batch else s, states
    )
    expected = keras.tree.flatten(states)[0].shape[0]
    if None not in (batch, expected) and batch != expected:
        raise ValueError(" ".join(map(str, _unequal(expected, batch))))
    if batch is None and expected is not None:
        sequences = set_batch(sequences, expected)
    return sequences, states


def set_batch(sequences: tf.Tensor, expected: int) -> tf.Tensor:
    """Returns the sequences with a known batch size, checked in the graph."""
    received = tf.shape(sequences)[0]
    with _check(tf.equal(received, expected), _unequal(expected, received)):
        # XLA ignores assertions, but not the shape of a tensor.
        rows = tf.ensure_shape(tf.range(received), [expected])
    with tf.control_dependencies([rows]):
        sequences = tf.identity(sequences)
    sequences.set_shape([expected, *sequences.shape[1:]])
    return sequences


def flatten_mask(mask: tf.Tensor | list | None) -> tf.Tensor | None:
    """Returns a mask (batch, time) from one that may be (batch, time, 1).

    Of a list of masks, it is the first: that of the sequences.
    """
    first = keras.tree.flatten(mask)[0]
    if first is None or len(first.shape) == 2:
        return first
    return tf.squeeze(first, -1)


def _repeat(state, batch):
    return tf.broadcast_to(state, [batch, *state.shape[1:]])


def _check(condition, message):
    """Returns a context whose operations run if the condition is true."""
    return tf.control_dependencies([tf.debugging.Assert(condition, message)])


def _no_steps(shape):
    return (
        f"Sequences of shape {shape} have no steps: "
        "pass at least one, e.g. a step of padding."
    )


def _unequal(expected, received):
    return [
        "The batch size of the input sequences must be the same as the batch "
        "size of the initial state. Expected batch size:",
        expected,
        "Received batch size:",
        received,
    ]
