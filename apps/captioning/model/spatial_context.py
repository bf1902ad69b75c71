"""Positional and row/column context for each place of a grid."""

import keras
import tensorflow as tf

from common import layers


# The name of the class is a path of its weights in model.keras.
@keras.saving.register_keras_serializable("unroll")
class Surroundings(keras.layers.Layer):
    """Adds positional and row/column context to each place of a grid.

    Convolutions are local. Spatial relations such as "left of" need long-range
    context, which a bidirectional GRU over the rows and the columns provides.
    Learned vectors of the row and the column encode the position.

    Args:
      side: Rows of the grid, and columns.
      units: Size of the features of a place; the context adds four times a
        quarter of that size.

    Call arguments:
      grid: Float tensor (batch, side * side, channels), row by row.
      training: Whether the layer is in training mode.

    Returns:
      Features (batch, side * side, size).

    Reference: Visin et al., ReNet: A Recurrent Neural Network Based
    Alternative to Convolutional Networks, 2015.
    """

    def __init__(self, side, units, **kwargs):
        super().__init__(**kwargs)
        self.side, self.units = side, units
        quarter = max(1, units // 4)
        self.size = units + 4 * quarter
        self.project = keras.layers.Dense(units, use_bias=False)
        # The scale of features differs between encoders. A single group keeps
        # the contrast between places.
        self.norm = keras.layers.GroupNormalization(1)
        self.sweep = keras.layers.Bidirectional(
            layers.GRU(quarter, return_sequences=True)
        )

    def build(self, grid_shape):
        shape = (None, None, self.units)
        self.project.build(grid_shape)
        self.norm.build(shape)
        self.sweep.build(shape)
        # As large as normalized features: smaller ones are ignored for long.
        initializer = keras.initializers.RandomUniform(-1, 1)
        self.row, self.column = (
            self.add_weight(shape, initializer, name=name)
            for name, shape in (
                ("row", (self.side, 1, self.units)),
                ("column", (self.side, self.units)),
            )
        )

    def call(self, grid, training=False):
        grid = self.norm(self.project(grid))
        grid = tf.reshape(grid, [-1, self.side, self.side, self.units])
        grid = tf.nn.relu(grid + self.row + self.column)
        # All lines at once: the rows of the pictures, then their columns.
        lines = tf.concat([grid, _transposed(grid)], 0)
        lines = tf.reshape(lines, [-1, self.side, self.units])
        lines = self.sweep(lines, training=training)
        lines = tf.reshape(lines, [-1, self.side, self.side, lines.shape[-1]])
        along_rows, along_columns = tf.split(lines, 2)
        features = tf.concat([grid, along_rows, _transposed(along_columns)], -1)
        return tf.reshape(features, [-1, self.side**2, self.size])


def _transposed(grid):
    """Returns a grid with rows and columns exchanged."""
    return tf.transpose(grid, [0, 2, 1, 3])
