"""Backpropagation through time with a custom gradient, for every recurrence.

Why it is fast on a CPU:

- The projection of the inputs and the gradient of each kernel are one product
  over batch x time. Only the sequential part runs in a loop, and XLA compiles
  the loops.
- The examples of a batch are independent: the batch is split into a shard per
  core. The shards run in parallel, from the projection to the gradients of
  the kernels, which the gradient tape adds up.

The gradient has a derivative, too: that of the loop of plain ops in `stepwise`.

docs/custom_gradient.md shows the data flow of a training step.

Reference: Werbos, Backpropagation Through Time, 1990; Appleyard et al.,
Optimizing Performance of Recurrent Neural Networks on GPUs, 2016.
"""

import functools

import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine import loops
from common.layers._engine import shards
from common.layers._engine import stepwise
from common.layers._engine.recurrence import RecurrenceProgram


def run(
    program: RecurrenceProgram,
    sequences: tf.Tensor,
    states: list[tf.Tensor],
    mask: tf.Tensor | None = None,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Runs a program whose gradient is derived by hand.

    XLA compiles the loops once for each shape.

    Args:
      program: the recurrence and its weights.
      sequences: (batch, time, features).
      states: list of (batch, units).
      mask: bool (batch, time, 1); a step whose mask is False keeps the states.

    Returns:
      The outputs (batch, time, units), and the list of the last states.
    """
    if tf.executing_eagerly():
        return _run_eagerly(program, sequences, states, mask)
    length, steps = sequences.shape[1], tf.shape(sequences)[1]
    if length is None:
        sequences, mask = round_up([sequences, mask], 1, 16)
    outputs, states = _run_shards(*program, sequences, states, mask, steps)
    return outputs if length else outputs[:, :steps], states


def round_up(
    tensors: list[tf.Tensor | None], axis: int, smallest: int
) -> list[tf.Tensor | None]:
    """Pads an axis with zeros to one of a few sizes, to limit compilations.

    The padding adds at most an eighth of the size, or is below `smallest`.

    Args:
      tensors: of the same size along the axis; or None.
      axis: int.
      smallest: int; power of 2 that the sizes are multiples of.
    """
    size = tf.shape(tensors[0])[axis]
    spacing = smallest * 2 ** tf.range(23)
    spacing = tf.gather(spacing, tf.searchsorted(spacing * 16, size[None]))
    ending = [0, -size % spacing[0]]
    return [
        x
        if x is None
        else tf.pad(x, [ending if i == axis else [0, 0] for i in range(x.ndim)])
        for x in tensors
    ]


def _run_eagerly(program, sequences, states, mask):
    """Runs a function: only within a graph do shards run in parallel.

    Batches and lengths differ from call to call. Each new size would be
    compiled, and kept.
    """
    rows, steps = tf.unstack(tf.shape(sequences)[:2])
    sequences, mask = round_up([sequences, mask], 1, 16)
    sequences, mask, *states = round_up([sequences, mask, *states], 0, 8)
    function = _in_graph(program.recurrence)
    outputs, states = function(*program[1:], sequences, states, mask, steps)
    return outputs[:rows, :steps], [state[:rows] for state in states]


@functools.cache
def _in_graph(recurrence):
    function = tf.function(
        functools.partial(_run_shards, recurrence), autograph=False
    )

    def call(*args):
        # Not function(*args): that warns when layers have many sizes.
        return function.get_concrete_function(*args)(*args)

    return call


def _run_shards(
    recurrence, kernel, bias, weights, sequences, states, mask, steps
):
    """Runs the shards of a batch in parallel."""
    program = RecurrenceProgram(recurrence, kernel, bias, weights)
    count = shards.count(sequences.shape[0])
    parts = zip(
        shards.split(sequences, count),
        shards.split(list(states), count),
        shards.split(mask, count),
    )
    results = [_run_shard(program, *part, steps) for part in parts]
    outputs, last = map(shards.join, zip(*results))
    # The compiled loops may come from a graph that did not know these sizes.
    outputs.set_shape([*sequences.shape[:2], states[0].shape[-1]])
    for after, before in zip(last, states):
        after.set_shape(before.shape)
    return outputs, last


def _run_shard(program, sequences, initial, mask, steps):
    """Returns the outputs, 0 after the last step, and the last states."""
    recurrence, kernel, bias, weights = program
    sources = [sequences, kernel] if bias is None else [sequences, kernel, bias]

    @tf.custom_gradient
    def forward(inputs, initial, weights):
        states, saved, last = loops.compiled(loops.forward, recurrence)(
            inputs, mask, initial, weights, steps
        )
        backward = _backward(recurrence, mask, steps, states, saved)

        def gradient(d_outputs, *d_last):
            # The inputs are not kept in memory, their sources are anyway.
            arguments = sources, initial, weights, d_outputs, list(d_last)
            return backward(*_in_this_graph(arguments))

        return (states[0], *last), gradient

    inputs = algebra.project(*sources)
    outputs, *last = forward(inputs, list(initial), list(weights))
    return outputs, last


def _backward(recurrence, mask, steps, states, saved):
    """Returns the function that computes the gradients of one shard.

    Its derivative is that of `_gradients_of_plain_ops`.
    """

    @tf.custom_gradient
    def backward(*arguments):
        _, initial, weights, d_outputs, d_last = arguments
        mask_and_steps = _in_this_graph((mask, steps))
        needed = [
            s if i in recurrence.backward_states else None
            for i, s in enumerate(states)
        ]
        deltas, d_initial = loops.compiled(loops.backward, recurrence)(
            d_outputs,
            d_last,
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
        d_weights = recurrence.weight_gradients(before, states, saved, deltas)

        def derivative(*d_gradients):
            sources = _in_this_graph(arguments)
            gradients = _gradients_of_plain_ops(
                recurrence, *mask_and_steps, *sources
            )
            return _differentiate(gradients, sources, d_gradients)

        return (deltas[0], d_initial, d_weights), derivative

    return backward


def _gradients_of_plain_ops(
    recurrence, mask, steps, sources, initial, weights, d_outputs, d_last
):
    """Returns the results of `backward`, from ops that have gradients."""
    inputs = algebra.project(*sources)
    outputs, last = stepwise.loop(
        recurrence,
        weights,
        _time_first(inputs, steps),
        initial,
        _time_first(mask, steps),
    )
    return _differentiate(
        [outputs, *last],
        [inputs, initial, weights],
        [_time_first(d_outputs, steps), *d_last],
    )


def _differentiate(targets, sources, gradients):
    """Returns the gradients of tensors of the current graph.

    In forward-mode differentiation, a tape would record nothing here.
    """
    return tf.nest.pack_sequence_as(
        sources,
        tf.gradients(
            tf.nest.flatten(targets),
            tf.nest.flatten(sources),
            list(gradients),
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        ),
    )


def _in_this_graph(tensors):
    """Returns tensors that the graphs of derivatives can capture.

    A function can capture those of the function around it. Its gradient is
    another function, with a gradient of its own.
    """
    return tf.nest.map_structure(
        lambda x: None if x is None else tf.identity(x), tensors
    )


def _time_first(sequence, steps):
    """Returns the first steps of (batch, time, n) as (time, batch, n)."""
    if sequence is None:
        return None
    return tf.transpose(sequence[:, :steps], [1, 0, 2])


def _shift(initial, after):
    """Returns the states before each step, from those after each step."""
    return tf.concat([initial[:, None], after[:, :-1]], 1)
