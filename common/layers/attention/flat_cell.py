"""RNN cells of any structure, run on a flat list of states."""

import keras
import tensorflow as tf
from keras import ops

from common.layers.recurrent.rnn import RNN


def initial_states(
    cell: keras.layers.Layer, batch_size: int | tf.Tensor
) -> list[tf.Tensor]:
    """Returns the initial states of a cell, in its dtype."""
    # keras.layers.RNN supplies the defaults that a cell may omit.
    states = keras.layers.RNN(cell).get_initial_state(batch_size)
    return [ops.cast(s, cell.compute_dtype) for s in keras.tree.flatten(states)]


def step(
    cell: keras.layers.Layer,
    inputs: tf.Tensor,
    states: list[tf.Tensor],
    training: bool,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Returns the output of one step, and the next states.

    Args:
      cell: an RNN cell.
      inputs: (batch, features).
      states: list of (batch, units).
      training: whether to apply dropout.
    """
    output, states = cell(inputs, _nest(cell, states), training=training)
    return output, keras.tree.flatten(states)


def run(
    cell: keras.layers.Layer,
    inputs: tf.Tensor,
    states: list[tf.Tensor],
    mask: tf.Tensor | None,
    training: bool,
    dtype: keras.DTypePolicy,
) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Returns the outputs (batch, steps, units), and the last states.

    Args:
      cell: an RNN cell.
      inputs: (batch, steps, features).
      states: list of (batch, units).
      mask: bool (batch, steps), or None.
      training: whether to apply dropout.
      dtype: policy of the outputs.
    """
    layer = RNN(cell, return_sequences=True, return_state=True, dtype=dtype)
    outputs, *states = layer(
        inputs, initial_state=_nest(cell, states), mask=mask, training=training
    )
    return outputs, keras.tree.flatten(states)


def _nest(cell, states):
    """Returns a flat list of states in the structure of the cell's."""
    sizes = cell.state_size
    sizes = list(sizes) if keras.tree.is_nested(sizes) else [sizes]
    return keras.tree.pack_sequence_as(sizes, states)
