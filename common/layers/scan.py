"""A loop over time that gives several results a step."""

import tensorflow as tf


def scan(step, inputs, mask, states):
    """Runs a step over time.

    Args:
      step: function of (batch, features) and the list of states; returns a
        list of results (batch, n) and the next states.
      inputs: (batch, steps, features).
      mask: None or bool (batch, steps); a step whose mask is False leaves the
        states as they are.
      states: list of (batch, n).

    Returns:
      The list of results (batch, steps, n), and the last states.
    """
    inputs = tf.transpose(inputs, [1, 0, 2])
    steps = inputs.shape[0]
    steps = tf.shape(inputs)[0] if steps is None else steps
    read = tf.TensorArray(inputs.dtype, steps).unstack(inputs).read
    # A step for its shapes. It draws the dropout masks, too: what is drawn
    # within the loop could not be seen by the next step.
    results, _ = step(tf.zeros(tf.shape(inputs)[1:], inputs.dtype), states)
    arrays = [
        tf.TensorArray(r.dtype, steps, element_shape=r.shape) for r in results
    ]

    def body(time, arrays, before):
        results, after = step(read(time), before)
        if mask is not None:
            kept = tf.cast(mask[:, time, None], tf.bool)
            after = [tf.where(kept, a, b) for a, b in zip(after, before)]
        arrays = [a.write(time, r) for a, r in zip(arrays, results)]
        return time + 1, arrays, after

    _, arrays, states = tf.while_loop(
        lambda time, *_: time < steps,
        body,
        (0, arrays, states),
        maximum_iterations=steps,  # XLA wants a bound for the gradient.
    )
    return [tf.transpose(a.stack(), [1, 0, 2]) for a in arrays], states
