"""Runs a recurrence with plain TensorFlow ops: for exports, and inference."""

import tensorflow as tf

from common.layers import recurrence
from common.layers import shards


def run(kind, inputs, states, weights, mask=None):
    """Runs a recurrence with plain TensorFlow ops.

    Args:
      kind: a Recurrence.
      inputs: (time, batch, blocks * units).
      states: list of (batch, units).
      weights: list of tensors.
      mask: bool (time, batch, 1); a step whose mask is False leaves the states
        as they are.

    Returns:
      The outputs (time, batch, units), and the list of the last states.
    """

    def cut(count):
        parts = zip(
            shards.split(inputs, count, 1),
            shards.split(list(states), count),
            shards.split(mask, count, 1),
        )
        outputs, last = zip(*[_run(kind, weights, *p) for p in parts])
        return shards.join(outputs, 1), shards.join(last)

    batch = inputs.shape[1]
    if inputs.shape[0] == 1:  # A step of a decoder: no loop.
        after, _ = kind.step(inputs[0], states, weights)
        kept = None if mask is None else mask[0]
        after = recurrence.choose(kept, after, states)
        return after[0][None], after
    if batch is not None:
        outputs, last = cut(shards.count(batch))
    else:
        outputs, last = tf.cond(
            tf.shape(inputs)[1] >= 2 * shards.ROWS,
            lambda: cut(shards.count(None)),
            lambda: cut(1),
        )
    outputs.set_shape([*inputs.shape[:2], states[0].shape[-1]])
    return outputs, last


def _run(kind, weights, inputs, states, mask):
    steps = tf.shape(inputs)[0]
    read, kept = _reader(inputs), _reader(mask)
    outputs = tf.TensorArray(
        states[0].dtype, steps, element_shape=states[0].shape
    )

    def body(time, outputs, states):
        after, _ = kind.step(read(time), states, weights)
        after = recurrence.choose(kept(time), after, states)
        return time + 1, outputs.write(time, after[0]), after

    _, outputs, states = tf.while_loop(
        lambda time, *_: time < steps,
        body,
        (0, outputs, states),
        maximum_iterations=steps,  # XLA wants a bound for the gradient.
    )
    return outputs.stack(), states


def _reader(sequence):
    """Returns a function that returns the values at a step."""
    if sequence is None:
        return lambda time: None
    array = tf.TensorArray(sequence.dtype, tf.shape(sequence)[0])
    return array.unstack(sequence).read
