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
        gate_kernel, new_kernel = tf.split(
            tf.convert_to_tensor(self.recurrent_kernel),
            [2 * self.filters, self.filters],
            -1,
        )
        h_z, h_r = tf.split(convolve(h, gate_kernel), 2, -1)
        z = tf.sigmoid(x_z + h_z)
        r = tf.sigmoid(x_r + h_r)
        n = tf.tanh(x_n + convolve(r * h, new_kernel))
        h += z * (n - h)
        return h, [h]
