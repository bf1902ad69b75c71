"""The private APIs of Keras and TensorFlow that the layers depend on.

`tests/common/layers/test_private_api.py` fails when one of them changes.
"""

import keras
import tensorflow as tf
from keras.src import backend

# The dtype in which the weights are read, for those of a cell whose dtype is
# not that of its layer.
from keras.src.backend import AutocastScope as AutocastScope

# The cell of keras.layers.ConvLSTM2D, which Keras does not export.
from keras.src.layers.rnn.conv_lstm import ConvLSTMCell as ConvLSTMCell

# keras.layers.RNN draws the dropout masks of a cell once, before its loop over
# time, and only for subclasses of this class, which Keras does not export.
from keras.src.layers.rnn.dropout_rnn_cell import (
    DropoutRNNCell as DropoutRNNCell,
)
from tensorflow.compiler.tf2xla.python import xla
from tensorflow.python.eager import record


def get_keras_mask(tensor: tf.Tensor) -> tf.Tensor | None:
    """Returns the Keras mask that a tensor carries, or None."""
    return backend.get_keras_mask(tensor)


def copy_keras_mask(source: tf.Tensor, target: tf.Tensor) -> None:
    """Attaches the Keras mask of one tensor to another.

    The result of an arithmetic operation carries no mask, and Keras exports
    no function that attaches one.
    """
    backend.set_keras_mask(target, backend.get_keras_mask(source))


def copy_layer(
    layer: keras.layers.Layer,
    copy_class: type[keras.layers.Layer] | None = None,
    **parts,
) -> keras.layers.Layer:
    """Returns a layer with the same weights and with attributes of its own.

    copy.copy would save the layer and load it.

    Args:
      layer: a layer with weights.
      copy_class: of the copy, a subclass of that of the layer; that of the
        layer by default.
      **parts: attributes of the copy.
    """
    copy = object.__new__(copy_class or type(layer))
    vars(copy).update(vars(layer), _tracked=[], **parts)
    return copy


def is_recorded(tensors: list[tf.Tensor]) -> bool:
    """Returns whether a gradient tape watches one of the tensors."""
    return record.should_record_backprop(tensors)


def inner_layers(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """Returns the layers that a layer is made of, at any depth, in order.

    Keras exports the variables of a layer, and its layers not.
    """
    return layer._flatten_layers(include_self=False)


def update_slice(
    sequence: tf.Tensor, values: tf.Tensor, start: list
) -> tf.Tensor:
    """Writes values into a tensor, from an index known only at run time.

    TensorFlow has no public op for this within XLA; JAX's bridge to TensorFlow
    uses the same private one.
    """
    return xla.dynamic_update_slice(sequence, values, start)
