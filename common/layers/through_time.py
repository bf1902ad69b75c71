"""Backpropagation through time, derived by hand: one engine for all cells.

A recurrence is what happens at one step, forwards and backwards, when the
inputs have been multiplied by the input kernel. Two functions run it over
time, with the same results:

    run(...)               plain TensorFlow ops, which can be exported anywhere
    run_for_training(...)  the gradient by hand, the loops compiled by XLA

What makes the latter fast on a CPU:

- The projection of the inputs and the gradient of each kernel are one product
  over batch x time. Only what must wait for the step before is in a loop.
- In the loop backwards, the gradient of each gate is a tensor of its own: XLA
  does not vectorize what is joined with its neighbours.
- The examples of a batch do not wait for each other: the batch is cut into a
  shard for each core, and the shards run side by side.

Reference: Werbos, Backpropagation Through Time, 1990; Appleyard et al.,
Optimizing Performance of Recurrent Neural Networks on GPUs, 2016.
"""

import functools
import os

import tensorflow as tf

# The most parts of a batch that run side by side. With more than four, the
# products of usual batches become thin.
SHARDS = min(4, os.cpu_count() or 1)
ROWS = 8  # A shard of fewer examples costs more than it gains.


def run(recurrence, inputs, states, weights, mask=None):
    """Runs a recurrence with plain TensorFlow ops.

    Args:
      recurrence: a Recurrence.
      inputs: (time, batch, ..., blocks * units).
      states: list of (batch, ..., units).
      weights: list of tensors.
      mask: bool (time, batch, 1, ...); a step whose mask is False leaves the
        states as they are.

    Returns:
      The outputs (time, batch, ..., units), and the list of the last states.
    """
    batch = inputs.shape[1]

    def cut(shards):
        parts = zip(
            _split(inputs, shards, 1),
            _split(list(states), shards, 0),
            _split(mask, shards, 1),
        )
        outputs, last = zip(*[_run(recurrence, weights, *p) for p in parts])
        return _join(outputs, 1), _join(last, 0)

    if batch is not None:
        outputs, last = cut(_shards(batch))
    else:
        many = tf.shape(inputs)[1] >= 2 * ROWS
        outputs, last = tf.cond(many, lambda: cut(SHARDS), lambda: cut(1))
    return _shaped(outputs, inputs.shape[0], states[0]), last


def _run(recurrence, weights, inputs, states, mask):
    steps = tf.shape(inputs)[0]
    read, kept = _reader(inputs), _reader(mask)

    def body(time, outputs, states):
        after, _ = recurrence.step(read(time), states, weights)
        after = _choose(kept(time), after, states)
        return time + 1, outputs.write(time, after[0]), after

    _, outputs, states = tf.while_loop(
        lambda time, *_: time < steps,
        body,
        (0, _array(steps, states[0]), states),
        maximum_iterations=steps,  # XLA wants a bound for the gradient.
    )
    return outputs.stack(), states


def run_for_training(recurrence, inputs, states, weights, mask=None):
    """Runs a recurrence whose gradient is derived by hand.

    Args and returns as of `run`. XLA compiles the loops once for each shape;
    where the number of steps is not known while the graph is built, it is
    rounded up to one of a few, and the steps beyond are not run.

    There is no gradient of the gradient: take `run` for second derivatives.
    """
    if tf.executing_eagerly():  # Only in a graph do the shards run abreast.
        graph = _compiled(run_for_training, recurrence, jit=False)
        return graph(inputs, states, weights, mask)
    steps = tf.shape(inputs)[0]
    shards = _shards(inputs.shape[1])

    @tf.custom_gradient
    def scan(inputs, states, weights):
        forward = _compiled(_forward, recurrence)
        parts = zip(
            _split(inputs, shards, 1),
            _split(mask, shards, 1),
            _split(states, shards, 0),
        )
        runs = [forward(*part, weights, steps) for part in parts]
        sequences, saved, last = zip(*runs)

        def gradient(d_outputs, *d_last):
            backward = _compiled(_backward, recurrence)
            transposed = recurrence.transpose(weights)
            parts = zip(
                _split(d_outputs, shards, 1),
                _split(list(d_last), shards, 0),
                _split(mask, shards, 1),
                sequences,
                saved,
            )
            results = [backward(*part, transposed, steps) for part in parts]
            deltas, d_states = zip(*results)
            deltas = _join(deltas, 1)
            d_weights = recurrence.weight_gradients(
                [s[: steps + 1] for s in _join(sequences, 1)],
                [s[:steps] for s in _join(saved, 1)],
                deltas[:steps],
            )
            d_inputs = recurrence.input_gradient(deltas)
            return d_inputs, _join(d_states, 0), d_weights

        return (_join(sequences, 1)[0][1:], *_join(last, 0)), gradient

    length = inputs.shape[0]
    if length is None:
        inputs, mask = _round_up(inputs), _round_up(mask)
    outputs, *last = scan(inputs, list(states), list(weights))
    if length is None:
        outputs = outputs[:steps]
    return _shaped(outputs, length, states[0]), last


def _forward(recurrence, inputs, mask, states, weights, steps):
    """Returns all states, what the steps saved, and the last states."""
    length = tf.shape(inputs)[0]
    read, kept = _reader(inputs), _reader(mask)
    sequences = [_array(length + 1, s).write(0, s) for s in states]
    saved = [_array(length, states[0]) for _ in range(recurrence.saves)]

    def body(time, sequences, saved, states):
        after, values = recurrence.step(read(time), states, weights)
        after = _choose(kept(time), after, states)
        sequences = [a.write(time + 1, s) for a, s in zip(sequences, after)]
        saved = [a.write(time, v) for a, v in zip(saved, values)]
        return time + 1, sequences, saved, after

    _, sequences, saved, states = tf.while_loop(
        lambda time, *_: time < steps, body, (0, sequences, saved, states)
    )
    return [a.stack() for a in sequences], [a.stack() for a in saved], states


def _backward(
    recurrence, d_outputs, d_states, mask, sequences, saved, weights, steps
):
    """Returns all deltas, and the gradients of the first states."""
    states = [_reader(s) for s in sequences]
    saved = [_reader(s) for s in saved]
    output, kept = _reader(d_outputs), _reader(mask)
    length = tf.shape(d_outputs)[0]
    deltas = [_array(length, d_states[0]) for _ in range(recurrence.deltas)]

    def body(time, deltas, gradients):
        gradients = [gradients[0] + output(time), *gradients[1:]]
        zeros = [tf.zeros_like(g) for g in gradients]
        values, before = recurrence.back(
            _choose(kept(time), gradients, zeros),
            [read(time) for read in states],
            [read(time + 1) for read in states],
            [read(time) for read in saved],
            weights,
        )
        if mask is not None:  # A masked step passes the states unchanged.
            through = _choose(kept(time), zeros, gradients)
            before = [a + b for a, b in zip(before, through)]
        deltas = [a.write(time, v) for a, v in zip(deltas, values)]
        return time - 1, deltas, before

    _, deltas, d_states = tf.while_loop(
        lambda time, *_: time >= 0, body, (steps - 1, deltas, d_states)
    )
    return tf.concat([a.stack() for a in deltas], -1), d_states


@functools.cache
def _compiled(function, recurrence, jit=True):
    compiled = tf.function(
        functools.partial(function, recurrence),
        jit_compile=jit,
        autograph=False,
    )

    def call(*args):
        # Not compiled(*args): that warns where layers have many sizes.
        return compiled.get_concrete_function(*args)(*args)

    return call


def _round_up(sequence):
    """Pads the time, by an eighth of it or 7 steps at most."""
    if sequence is None:
        return None
    steps = tf.shape(sequence)[:1]
    spacing = tf.concat([[8], 2 ** tf.range(4, 28)], 0)
    spacing = tf.gather(spacing, tf.searchsorted(spacing * 16, steps))
    missing = -steps % spacing
    ends = tf.concat([missing, tf.zeros_like(tf.shape(sequence)[1:])], 0)
    padded = tf.pad(sequence, tf.stack([tf.zeros_like(ends), ends], 1))
    return tf.ensure_shape(padded, sequence.shape)


def _shaped(outputs, length, like):
    outputs.set_shape([length, *like.shape])
    return outputs


def _shards(batch):
    """Returns into how many parts to cut a batch, whose size may be None."""
    return SHARDS if batch is None else max(1, min(SHARDS, batch // ROWS))


def _split(values, shards, axis):
    """Returns for each shard its part of a tensor or of a list of them."""
    if values is None or shards == 1:
        return [values] * shards
    if isinstance(values, list):
        return [
            list(v) for v in zip(*[_split(v, shards, axis) for v in values])
        ]
    batch = tf.shape(values)[axis]
    sizes = [(batch + i) // shards for i in range(shards)]
    return tf.split(values, sizes, axis, num=shards)


def _join(shards, axis):
    """Returns the tensor, or the list of tensors, of the whole batch."""
    if isinstance(shards[0], list):
        return [_join(values, axis) for values in zip(*shards)]
    return shards[0] if len(shards) == 1 else tf.concat(shards, axis)


def _array(size, like):
    return tf.TensorArray(like.dtype, size, element_shape=like.shape)


def _reader(sequence):
    """Returns a function that returns the value at a step."""
    if sequence is None:
        return lambda time: None
    array = tf.TensorArray(sequence.dtype, tf.shape(sequence)[0])
    return array.unstack(sequence).read


def _choose(kept, new, old):
    """Returns new values where the mask is True, or where there is none."""
    if kept is None:
        return new
    return [tf.where(kept, a, b) for a, b in zip(new, old)]
