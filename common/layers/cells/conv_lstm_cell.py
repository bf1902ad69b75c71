"""The cell of the convolutional LSTM."""

import keras
import tensorflow as tf

from common.layers._engine import private_api


class ConvLSTM2DCell(private_api.ConvLSTMCell):
    """The step of `ConvLSTM2D`: Keras's, with fewer convolutions.

    Keras convolves the inputs and h for each gate. Here a convolution gives
    all gates, unless their inputs differ by dropout.
    """

    def call(self, inputs, states, training=False):
        h, c = states
        x_masks = h_masks = None
        if training and self.dropout:
            x_masks = self.get_dropout_mask(inputs)
        if training and self.recurrent_dropout:
            h_masks = self.get_recurrent_dropout_mask(h)
        maps = self._gates(self._convolve, inputs, self.kernel, x_masks)
        if self.use_bias:
            maps = tf.nn.bias_add(maps, self.bias, self._format)
        maps += self._gates(
            self.recurrent_conv, h, self.recurrent_kernel, h_masks
        )
        i, f, g, o = tf.split(maps, 4, self._axis)
        c = self.recurrent_activation(f) * c + self.recurrent_activation(
            i
        ) * self.activation(g)
        h = self.recurrent_activation(o) * self.activation(c)
        return h, [h, c]

    @property
    def _axis(self):
        return 1 if self.data_format == "channels_first" else -1

    @property
    def _format(self):
        return "NCHW" if self.data_format == "channels_first" else "NHWC"

    def _convolve(self, inputs, kernel):
        return self.input_conv(inputs, kernel, padding=self.padding)

    def _gates(self, convolve, inputs, kernel, masks):
        """Returns the maps of all gates, with a mask for each or without."""
        if masks is None:
            return convolve(inputs, kernel)
        kernels = keras.ops.split(kernel, 4, -1)
        maps = [convolve(inputs * m, k) for m, k in zip(masks, kernels)]
        return tf.concat(maps, self._axis)
