"""Dropout masks that belong to one call.

Keras caches the masks of a cell in the cell. Calls in other threads would use
them too, and fail where they come from another graph or have another size.
"""

from typing import Any

import keras
import tensorflow as tf

from common.layers._engine import private_api


def drop_inputs(cell: keras.layers.Layer, sequences: tf.Tensor) -> tf.Tensor:
    """Applies the input dropout of a cell, with one mask for all steps.

    Args:
      cell: with `dropout` and `seed_generator`, or without dropout.
      sequences: (batch, time, features).
    """
    rate = getattr(cell, "dropout", 0)
    if not rate:
        return sequences
    ones = tf.ones_like(sequences[:, 0])
    mask = keras.random.dropout(ones, rate, seed=cell.seed_generator)
    return sequences * mask[:, None]


def with_own_masks(cell: keras.layers.Layer) -> keras.layers.Layer:
    """Returns a cell with the same weights that caches masks of its own."""
    is_stack = isinstance(cell, keras.layers.StackedRNNCells)
    if not is_stack and not isinstance(cell, private_api.DropoutRNNCell):
        return cell
    parts: dict[str, Any] = {}
    if is_stack:
        parts["cells"] = [with_own_masks(part) for part in cell.cells]
    if hasattr(cell, "cell"):  # It wraps another one.
        parts["cell"] = with_own_masks(cell.cell)
    copy = private_api.copy_layer(cell, **parts)
    if not is_stack:
        copy.reset_dropout_mask()
        copy.reset_recurrent_dropout_mask()
    return copy
