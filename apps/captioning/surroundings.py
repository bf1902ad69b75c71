"""What lies beside each place of a grid, read along rows and columns."""

import keras
import tensorflow as tf

from common import layers


@keras.saving.register_keras_serializable("unroll")
class Surroundings(keras.layers.Layer):
    """Tells at each place of a grid what is there, where, and what beside it.

    A convolution sees what is near. To say that a thing lies left of another
    takes what is far: a GRU sweeps over the rows and over the columns, both
    ways, so that a place knows what it shares a row or a column with. Where it
    is, vectors of its row and of its column tell.

    Args:
      side: int; rows of the grid, and columns.
      units: int; size of what is told of a place itself; beside it stand four
        sweeps of a quarter of the size.

    Call arguments:
      grid: float tensor (batch, side * side, channels), row by row.
      training: whether it learns.

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
        # Encoders differ in how large their features are. In one group: what
        # is bright at a place stays bright beside the others.
        self.norm = keras.layers.GroupNormalization(1)
        self.sweep = keras.layers.Bidirectional(
            layers.GRU(quarter, return_sequences=True)
        )

    def build(self, grid_shape):
        shape = (None, None, self.units)
        self.project.build(grid_shape)
        self.norm.build(shape)
        self.sweep.build(shape)
        # As large as what is seen there: otherwise it is overlooked for long.
        between = keras.initializers.RandomUniform(-1, 1)
        self.row, self.column = (
            self.add_weight(shape, between, name=name)
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
        lines = tf.concat([grid, _turned(grid)], 0)
        lines = tf.reshape(lines, [-1, self.side, self.units])
        lines = self.sweep(lines, training=training)
        lines = tf.reshape(lines, [-1, self.side, self.side, lines.shape[-1]])
        along_rows, along_columns = tf.split(lines, 2)
        seen = tf.concat([grid, along_rows, _turned(along_columns)], -1)
        return tf.reshape(seen, [-1, self.side**2, self.size])


def _turned(grid):
    """Returns a grid whose rows are the columns."""
    return tf.transpose(grid, [0, 2, 1, 3])
