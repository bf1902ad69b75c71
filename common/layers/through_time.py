"""Backpropagation through time, derived by hand: one engine for all cells.

What makes it fast on a CPU:

- The projection of the inputs and the gradient of each kernel are one product
  over batch x time. Only what must wait for the step before is in a loop, and
  XLA compiles the loops.
- In the loop backwards, the gradient of each gate is a tensor of its own: XLA
  does not vectorize what is joined with its neighbours. It is written where
  the products over batch x time will read it, so that nothing is moved.
- The examples of a batch do not wait for each other: the batch is cut into a
  shard for each core, and the shards run side by side, from the projection to
  the gradients of the kernels, which the tape adds up.

Reference: Werbos, Backpropagation Through Time, 1990; Appleyard et al.,
Optimizing Performance of Recurrent Neural Networks on GPUs, 2016.
"""

import functools

import tensorflow as tf

# No public op of TensorFlow writes into a tensor at a place known only when
# the program runs; JAX's bridge to TensorFlow stands on this one, too.
from tensorflow.compiler.tf2xla.python import xla

from common.layers import recurrence
from common.layers import shards


def run(kind, sequences, kernel, bias, states, weights, mask=None, steps=None):
    """Runs a recurrence whose gradient is derived by hand.

    XLA compiles the loops once for each shape. There is no gradient of the
    gradient: take `stepwise.run` for second derivatives.

    Args:
      kind: a Recurrence.
      sequences: (batch, time, features).
      kernel: (features, blocks * units).
      bias: (blocks * units,), or None.
      states: list of (batch, units).
      weights: list of tensors.
      mask: bool (batch, time, 1); a step whose mask is False leaves the states
        as they are.
      steps: scalar tensor; how many of the steps to run, all by default.

    Returns:
      The outputs (batch, time, units), 0 behind the steps that were run, and
      the list of the last states.
    """
    if tf.executing_eagerly():  # Only in a graph do the shards run abreast.
        graph = _compiled(run, kind, jit=False)
        return graph(sequences, kernel, bias, states, weights, mask, steps)
    steps = tf.shape(sequences)[1] if steps is None else steps
    count = shards.count(sequences.shape[0])
    parts = zip(
        shards.split(sequences, count),
        shards.split(list(states), count),
        shards.split(mask, count),
    )
    runs = [
        _run(
            kind, recurrence.project(x, kernel, bias), first, weights, m, steps
        )
        for x, first, m in parts
    ]
    outputs, last = map(shards.join, zip(*runs))
    outputs.set_shape([*sequences.shape[:2], states[0].shape[-1]])
    return outputs, last


def _run(kind, inputs, first, weights, mask, steps):
    """Returns the outputs and the last states of one shard."""

    @tf.custom_gradient
    def scan(inputs, first, weights):
        states, saved, last = _compiled(_forward, kind)(
            inputs, mask, first, weights, steps
        )

        def gradient(d_outputs, *d_last):
            deltas, d_first = _compiled(_backward, kind)(
                d_outputs,
                list(d_last),
                mask,
                first,
                [s if i in kind.reads else None for i, s in enumerate(states)],
                saved,
                kind.transpose(weights),
                steps,
            )
            with tf.control_dependencies(deltas):  # Not before it is needed.
                before = [_before(f, s) for f, s in zip(first, states)]
            return (
                deltas[0],
                d_first,
                kind.weight_gradients(before, states, saved, deltas),
            )

        return (states[0], *last), gradient

    outputs, *last = scan(inputs, list(first), list(weights))
    return outputs, last


def round_up(sequence, mask):
    """Pads the time to one of a few lengths, by an eighth or 15 steps at most.

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


def _forward(kind, inputs, mask, states, weights, steps):
    """Returns the states and the saved values of all steps, and the last."""
    widths, _ = kind.widths(states[0].shape[-1])
    saved = [_room(inputs, width) for width in widths]
    sequences = [_room(inputs, s.shape[-1]) for s in states]

    def body(time, sequences, saved, states):
        after, values = kind.step(_at(inputs, time), states, weights)
        after = recurrence.choose(_at(mask, time), after, states)
        sequences = [_put(s, time, a) for s, a in zip(sequences, after)]
        saved = [_put(s, time, v) for s, v in zip(saved, values)]
        return time + 1, sequences, saved, after

    _, sequences, saved, states = tf.while_loop(
        lambda time, *_: time < steps, body, (0, sequences, saved, states)
    )
    return sequences, saved, states


def _backward(
    kind, d_outputs, d_states, mask, first, states, saved, weights, steps
):
    """Returns all deltas, and the gradients of the first states."""
    _, widths = kind.widths(d_states[0].shape[-1])
    deltas = [_room(d_outputs, width) for width in widths]

    def body(time, deltas, gradients):
        gradients = [gradients[0] + _at(d_outputs, time), *gradients[1:]]
        zeros = [tf.zeros_like(g) for g in gradients]
        kept = _at(mask, time)
        values, before = kind.back(
            recurrence.choose(kept, gradients, zeros),
            [_previous(f, s, time) for f, s in zip(first, states)],
            [_at(s, time) for s in states],
            [_at(s, time) for s in saved],
            weights,
        )
        if mask is not None:  # A masked step passes the states unchanged.
            through = recurrence.choose(kept, zeros, gradients)
            before = [a + b for a, b in zip(before, through)]
        for i, blocks in enumerate(kind.deltas):
            for place, block in enumerate(blocks):
                deltas[i] = _put(deltas[i], time, values[block], place)
        return time - 1, deltas, before

    _, deltas, d_states = tf.while_loop(
        lambda time, *_: time >= 0, body, (steps - 1, deltas, d_states)
    )
    return deltas, d_states


@functools.cache
def _compiled(function, kind, jit=True):
    compiled = tf.function(
        functools.partial(function, kind),
        jit_compile=jit,
        autograph=False,
    )

    def call(*args):
        # Not compiled(*args): that warns where layers have many sizes.
        return compiled.get_concrete_function(*args)(*args)

    return call


def _before(first, after):
    """Returns the states before each step."""
    return tf.concat([first[:, None], after[:, :-1]], 1)


def _room(like, width):
    """Returns zeros (batch, time, width), batch and time as of another."""
    return tf.zeros([*tf.unstack(tf.shape(like)[:2]), width], like.dtype)


def _at(sequence, time):
    """Returns the values at a step, (batch, width)."""
    return None if sequence is None else sequence[:, time]


def _previous(first, sequence, time):
    """Returns the states before a step."""
    if sequence is None:
        return None
    return tf.where(time > 0, sequence[:, tf.maximum(time - 1, 0)], first)


def _put(sequence, time, values, place=0):
    """Writes the values (batch, width) of a step, at a place of that width."""
    start = [0, time, place * values.shape[-1]]
    return xla.dynamic_update_slice(sequence, values[:, None], start)
