"""A loop over time with several outputs per step."""

from collections.abc import Callable

import tensorflow as tf


def scan(
    step: Callable,
    inputs: tf.Tensor,
    mask: tf.Tensor | None,
    states: list[tf.Tensor],
) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
    """Runs a step function over time.

    Args:
      step: function of (batch, features) and the list of states; returns a
        list of outputs (batch, n) and the next states.
      inputs: (batch, steps, features).
      mask: None or bool (batch, steps); a step whose mask is False keeps the
        states.
      states: list of (batch, n).

    Returns:
      The list of outputs (batch, steps, n), and the last states.
    """
    inputs = tf.transpose(inputs, [1, 0, 2])
    steps = inputs.shape[0]
    steps = tf.shape(inputs)[0] if steps is None else steps
    read = tf.TensorArray(inputs.dtype, steps).unstack(inputs).read
    # One step for the shapes of its outputs. It also draws the dropout masks:
    # tensors created within the loop are out of scope in the next step.
    outputs, _ = step(tf.zeros(tf.shape(inputs)[1:], inputs.dtype), states)
    arrays = [
        tf.TensorArray(o.dtype, steps, element_shape=o.shape) for o in outputs
    ]

    def body(time, arrays, before):
        outputs, after = step(read(time), before)
        if mask is not None:
            step_mask = tf.cast(mask[:, time, None], tf.bool)
            after = [tf.where(step_mask, a, b) for a, b in zip(after, before)]
        arrays = [a.write(time, o) for a, o in zip(arrays, outputs)]
        return time + 1, arrays, after

    _, arrays, states = tf.while_loop(
        lambda time, *_: time < steps,
        body,
        (0, arrays, states),
        maximum_iterations=steps,  # XLA requires a bound for the gradient.
    )
    return [tf.transpose(a.stack(), [1, 0, 2]) for a in arrays], states
