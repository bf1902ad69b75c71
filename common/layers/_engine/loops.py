"""The two loops of backpropagation through time, compiled by XLA.

In the backward loop, the gradient of each gate is a separate tensor: XLA does
not vectorize concatenated ones. It is written where the products over batch x
time read it, so that no data is moved.
"""

import functools
from collections.abc import Callable

import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine import private_api
from common.layers._engine.recurrence import Recurrence


@functools.cache
def compiled(function: Callable, recurrence: Recurrence) -> Callable:
    """Returns `forward` or `backward` for a recurrence, compiled by XLA.

    Its results are constants to gradient tapes: XLA's ops have no gradients.
    """
    compiled_function = tf.function(
        functools.partial(function, recurrence),
        jit_compile=True,
        autograph=False,
    )

    def call(*args):
        args = _constants(args)
        # Not compiled_function(*args): that warns when layers have many sizes.
        concrete = compiled_function.get_concrete_function(*args)
        return _constants(concrete(*args))

    return call


def forward(recurrence, inputs, mask, states, weights, steps):
    """Returns the states and saved values of all steps, and the last states."""
    widths, _ = recurrence.buffer_widths(states[0].shape[-1])
    saved = [_buffer(inputs, width) for width in widths]
    sequences = [_buffer(inputs, s.shape[-1]) for s in states]

    def body(time, sequences, saved, states):
        after, values = recurrence.step(_at(inputs, time), states, weights)
        after = algebra.select(_at(mask, time), after, states)
        _set_shapes(after, states)
        sequences = [_put(s, time, a) for s, a in zip(sequences, after)]
        saved = [_put(s, time, v) for s, v in zip(saved, values)]
        return time + 1, sequences, saved, after

    _, sequences, saved, states = tf.while_loop(
        lambda time, *_: time < steps, body, (0, sequences, saved, states)
    )
    return sequences, saved, states


def backward(
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
        _set_shapes(before, gradients)
        for i, group in enumerate(recurrence.delta_groups):
            for block, index in enumerate(group):
                buffers[i] = _put(buffers[i], time, deltas[index], block)
        return time - 1, buffers, before

    _, buffers, d_states = tf.while_loop(
        lambda time, *_: time >= 0, body, (steps - 1, buffers, d_states)
    )
    return buffers, d_states


def _constants(tensors):
    return tf.nest.map_structure(
        lambda x: None if x is None else tf.stop_gradient(x), tensors
    )


def _set_shapes(after, before):
    """Gives the values after a step the known sizes of those before it.

    Saved values may come from a graph that did not know the batch size.
    """
    for value, known in zip(after, before):
        value.set_shape(known.shape)


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
