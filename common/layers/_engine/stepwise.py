"""Runs a recurrence with plain TensorFlow ops, for inference and export."""

from collections.abc import Callable

import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine import portability
from common.layers._engine import shards
from common.layers._engine.recurrence import Recurrence
from common.layers._engine.recurrence import RecurrenceProgram


def run(
    program: RecurrenceProgram,
    sequences: tf.Tensor,
    states: list[tf.Tensor],
    mask: tf.Tensor | None = None,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Runs a program with plain TensorFlow ops; see `through_time.run`."""
    recurrence, kernel, bias, weights = program
    if mask is not None:
        mask = tf.transpose(mask, [1, 0, 2])
    # Before the projection, which widens the tensor.
    sequences = tf.transpose(sequences, [1, 0, 2])
    inputs = algebra.project(sequences, kernel, bias)
    outputs, states = _run_projected(recurrence, inputs, states, weights, mask)
    return tf.transpose(outputs, [1, 0, 2]), states


def _run_projected(recurrence, inputs, states, weights, mask):
    """Runs a recurrence on (time, batch, blocks * units), the time first."""

    def run_shards(count):
        parts = zip(
            shards.split(inputs, count, 1),
            shards.split(list(states), count),
            shards.split(mask, count, 1),
        )
        results = [loop(recurrence, weights, *part) for part in parts]
        outputs, last = zip(*results)
        return shards.join(outputs, 1), shards.join(last)

    batch = inputs.shape[1]
    if inputs.shape[0] == 1:  # A single step of a decoder needs no loop.
        after, _ = recurrence.step(inputs[0], states, weights)
        step_mask = None if mask is None else mask[0]
        after = algebra.select(step_mask, after, states)
        return after[0][None], after
    if batch is not None or portability.is_portable():
        outputs, last = run_shards(shards.count(batch))
    else:
        outputs, last = tf.cond(
            tf.shape(inputs)[1] >= 2 * shards.MIN_ROWS,
            lambda: run_shards(shards.count(None)),
            lambda: run_shards(1),
        )
    outputs.set_shape([*inputs.shape[:2], states[0].shape[-1]])
    return outputs, last


def loop(
    recurrence: Recurrence,
    weights: list[tf.Tensor],
    inputs: tf.Tensor,
    states: list[tf.Tensor],
    mask: tf.Tensor | None = None,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Runs a recurrence step by step.

    Args:
      recurrence: the step.
      weights: list of tensors.
      inputs: (time, batch, blocks * units); the projected inputs.
      states: list of (batch, units).
      mask: bool (time, batch, 1); a step whose mask is False keeps the states.

    Returns:
      The outputs (time, batch, units), and the list of the last states.
    """
    steps = tf.shape(inputs)[0]
    read_inputs, read_mask = _reader(inputs), _reader(mask)
    outputs = tf.TensorArray(
        states[0].dtype, steps, element_shape=states[0].shape
    )

    def body(time, outputs, states):
        after, _ = recurrence.step(read_inputs(time), states, weights)
        after = algebra.select(read_mask(time), after, states)
        return time + 1, outputs.write(time, after[0]), after

    # XLA requires a bound for the gradient.
    bound = None if portability.is_portable() else steps
    _, outputs, states = tf.while_loop(
        lambda time, *_: time < steps,
        body,
        (0, outputs, states),
        maximum_iterations=bound,
    )
    return outputs.stack(), states


def _reader(sequence) -> Callable:
    """Returns a function from a time to the values of that step."""
    if sequence is None:
        return lambda time: None
    array = tf.TensorArray(sequence.dtype, tf.shape(sequence)[0])
    return array.unstack(sequence).read
