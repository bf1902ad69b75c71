"""Backpropagation through time with a custom gradient, for every recurrence.

Why it is fast on a CPU:

- The projection of the inputs and the gradient of each kernel are one product
  over batch x time. Only the sequential part runs in a loop, and XLA compiles
  the loops.
- In the backward loop, the gradient of each gate is a separate tensor: XLA
  does not vectorize concatenated ones. It is written where the products over
  batch x time read it, so that no data is moved.
- The examples of a batch are independent: the batch is split into a shard per
  core. The shards run in parallel, from the projection to the gradients of
  the kernels, which the gradient tape adds up.

docs/custom_gradient.md shows the data flow of a training step.

Reference: Werbos, Backpropagation Through Time, 1990; Appleyard et al.,
Optimizing Performance of Recurrent Neural Networks on GPUs, 2016.
"""

import functools

import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine import private_api
from common.layers._engine import shards
from common.layers._engine.recurrence import RecurrenceProgram


def run(
    program: RecurrenceProgram,
    sequences: tf.Tensor,
    states: list[tf.Tensor],
    mask: tf.Tensor | None = None,
    steps: tf.Tensor | None = None,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Runs a program whose gradient is derived by hand.

    XLA compiles the loops once for each shape. The gradient is not
    differentiable: use `stepwise.run` for second derivatives.

    Args:
      program: the recurrence and its weights.
      sequences: (batch, time, features).
      states: list of (batch, units).
      mask: bool (batch, time, 1); a step whose mask is False keeps the states.
      steps: scalar tensor; number of steps to run, all by default.

    Returns:
      The outputs (batch, time, units), 0 after the last step that was run, and
      the list of the last states.
    """
    recurrence, *weights = program
    if tf.executing_eagerly():  # Shards run in parallel only within a graph.
        function = _compiled(_run_shards, recurrence, jit=False)
    else:
        function = functools.partial(_run_shards, recurrence)
    return function(*weights, sequences, states, mask, steps)


def round_up(
    sequence: tf.Tensor, mask: tf.Tensor | None
) -> tuple[tf.Tensor, tf.Tensor | None]:
    """Pads the time axis to one of a few lengths, to limit compilations.

    The padding adds at most an eighth of the length, or 15 steps.

    Args:
      sequence: (batch, time, features).
      mask: (batch, time, 1), or None.

    Returns:
      Both, padded with zeros.
    """
    steps = tf.shape(sequence)[1]
    spacing = 2 ** tf.range(4, 27)
    spacing = tf.gather(spacing, tf.searchsorted(spacing * 16, steps[None]))
    padding = [[0, 0], [0, -steps % spacing[0]], [0, 0]]
    sequence = tf.pad(sequence, padding)
    return sequence, None if mask is None else tf.pad(mask, padding)


def _run_shards(
    recurrence, kernel, bias, weights, sequences, states, mask, steps
):
    """Runs the shards of a batch in parallel."""
    steps = tf.shape(sequences)[1] if steps is None else steps
    count = shards.count(sequences.shape[0])
    parts = zip(
        shards.split(sequences, count),
        shards.split(list(states), count),
        shards.split(mask, count),
    )
    results = [
        _run_shard(
            recurrence,
            algebra.project(shard, kernel, bias),
            initial,
            weights,
            shard_mask,
            steps,
        )
        for shard, initial, shard_mask in parts
    ]
    outputs, last = map(shards.join, zip(*results))
    outputs.set_shape([*sequences.shape[:2], states[0].shape[-1]])
    return outputs, last


def _run_shard(recurrence, inputs, initial, weights, mask, steps):
    """Returns the outputs and the last states of one shard."""

    @tf.custom_gradient
    def differentiable(inputs, initial, weights):
        states, saved, last = _compiled(_forward, recurrence)(
            inputs, mask, initial, weights, steps
        )

        def gradient(d_outputs, *d_last):
            needed = [
                s if i in recurrence.backward_states else None
                for i, s in enumerate(states)
            ]
            deltas, d_initial = _compiled(_backward, recurrence)(
                d_outputs,
                list(d_last),
                mask,
                initial,
                needed,
                saved,
                recurrence.transpose_weights(weights),
                steps,
            )
            # Delays the copy until its memory is needed.
            with tf.control_dependencies(deltas):
                before = [_shift(f, s) for f, s in zip(initial, states)]
            d_weights = recurrence.weight_gradients(
                before, states, saved, deltas
            )
            return deltas[0], d_initial, d_weights

        return (states[0], *last), gradient

    outputs, *last = differentiable(inputs, list(initial), list(weights))
    return outputs, last


def _forward(recurrence, inputs, mask, states, weights, steps):
    """Returns the states and saved values of all steps, and the last states."""
    widths, _ = recurrence.buffer_widths(states[0].shape[-1])
    saved = [_buffer(inputs, width) for width in widths]
    sequences = [_buffer(inputs, s.shape[-1]) for s in states]

    def body(time, sequences, saved, states):
        after, values = recurrence.step(_at(inputs, time), states, weights)
        after = algebra.select(_at(mask, time), after, states)
        sequences = [_put(s, time, a) for s, a in zip(sequences, after)]
        saved = [_put(s, time, v) for s, v in zip(saved, values)]
        return time + 1, sequences, saved, after

    _, sequences, saved, states = tf.while_loop(
        lambda time, *_: time < steps, body, (0, sequences, saved, states)
    )
    return sequences, saved, states


def _backward(
    recurrence,
    d_outputs,
    d_states,
    mask,
    initial,
    states,
    saved,
    weights,
    steps,
):
    """Returns the deltas of all steps, and the initial states' gradients."""
    _, widths = recurrence.buffer_widths(d_states[0].shape[-1])
    buffers = [_buffer(d_outputs, width) for width in widths]

    def body(time, buffers, gradients):
        gradients = [gradients[0] + _at(d_outputs, time), *gradients[1:]]
        zeros = [tf.zeros_like(g) for g in gradients]
        step_mask = _at(mask, time)
        deltas, before = recurrence.backward_step(
            algebra.select(step_mask, gradients, zeros),
            [_previous(f, s, time) for f, s in zip(initial, states)],
            [_at(s, time) for s in states],
            [_at(s, time) for s in saved],
            weights,
        )
        if mask is not None:  # A masked step passes gradients on unchanged.
            through = algebra.select(step_mask, zeros, gradients)
            before = [a + b for a, b in zip(before, through)]
        for i, group in enumerate(recurrence.delta_groups):
            for block, index in enumerate(group):
                buffers[i] = _put(buffers[i], time, deltas[index], block)
        return time - 1, buffers, before

    _, buffers, d_states = tf.while_loop(
        lambda time, *_: time >= 0, body, (steps - 1, buffers, d_states)
    )
    return buffers, d_states


@functools.cache
def _compiled(function, recurrence, jit=True):
    compiled = tf.function(
        functools.partial(function, recurrence),
        jit_compile=jit,
        autograph=False,
    )

    def call(*args):
        # Not compiled(*args): that warns when layers have many sizes.
        return compiled.get_concrete_function(*args)(*args)

    return call


def _shift(initial, after):
    """Returns the states before each step, from those after each step."""
    return tf.concat([initial[:, None], after[:, :-1]], 1)


def _buffer(like, width):
    """Returns zeros (batch, time, width), with batch and time of `like`."""
    return tf.zeros([*tf.unstack(tf.shape(like)[:2]), width], like.dtype)


def _at(sequence, time):
    """Returns the values of one step, (batch, width)."""
    return None if sequence is None else sequence[:, time]


def _previous(initial, sequence, time):
    """Returns a state before one step."""
    if sequence is None:
        return None
    return tf.where(time > 0, sequence[:, tf.maximum(time - 1, 0)], initial)


def _put(sequence, time, values, block=0):
    """Writes the values (batch, width) of a step into a block of that width."""
    start = [0, time, block * values.shape[-1]]
    return private_api.update_slice(sequence, values[:, None], start)
