"""The cell of the convolutional GRU."""

import tensorflow as tf

from common.layers._engine.convolutional import convolve
from common.layers.cells import conv_cell


class ConvGRU2DCell(conv_cell.ConvCell):
    """The step of `ConvGRU2D`, which documents it; one state, h."""

    blocks = 3
    recurrent_blocks = 3

    def call(self, inputs, states, training=False):
        h = states[0]
        x_z, x_r, x_n = self.project(inputs)
        u_z, u_r, u_n = tf.split(
            tf.convert_to_tensor(self.recurrent_kernel), 3, -1
        )
        z = tf.sigmoid(x_z + convolve(h, u_z))
        r = tf.sigmoid(x_r + convolve(h, u_r))
        n = tf.tanh(x_n + convolve(r * h, u_n))
        h += z * (n - h)
        return h, [h]
