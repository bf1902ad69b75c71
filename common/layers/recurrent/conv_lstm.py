"""The convolutional LSTM: keras.layers.ConvLSTM2D with masks and dropout.

It runs Keras's loop over time with `ConvLSTM2DCell`, whose steps have fewer
convolutions than Keras's.

`ConvLSTM1D` and `ConvLSTM3D` are Keras's own.
"""

import keras
from keras.layers import ConvLSTM1D as ConvLSTM1D
from keras.layers import ConvLSTM3D as ConvLSTM3D

from common.layers._engine import convolutional
from common.layers._engine import custom_gradient
from common.layers._engine import dropout_masks
from common.layers._engine import private_api
from common.layers.cells.conv_lstm_cell import ConvLSTM2DCell


@keras.saving.register_keras_serializable("unroll")
class ConvLSTM2D(convolutional.ConvolutionalRNN, keras.layers.ConvLSTM2D):
    r"""A convolutional LSTM; a drop-in for Keras's ConvLSTM2D.

    With $*$ for a convolution,
    $(i, f, o)_t = \sigma(W * x_t + U * h_{t-1} + b)$,
    $g_t = \tanh(W_g * x_t + U_g * h_{t-1} + b_g)$,
    $c_t = f_t \odot c_{t-1} + i_t \odot g_t$,
    $h_t = o_t \odot \tanh(c_t)$.

    Weights, their order, the configuration and the results are those of
    `keras.layers.ConvLSTM2D`, up to rounding: kernel (height, width, channels,
    4 * filters) and recurrent kernel (height, width, filters, 4 * filters) of
    the gates i, f, g, o; bias (4 * filters,).

    A sequence in parts, down to single frames, gives the same bits as the
    whole if the last states of a part are the `initial_state` of the next one,
    in a `tf.function` on a CPU.

    Masking: a step whose mask is False keeps the states; any mask works. The
    output of such a step repeats the previous output, or is zero with
    `zero_output_for_mask`. What it holds, NaN included, has no influence on
    outputs and gradients.

    Args:
      filters: int; channels of h and c.
      kernel_size: int, or (height, width), of the two kernels.
      **kwargs: those of `keras.layers.ConvLSTM2D`, in its order. `dropout` and
        `recurrent_dropout` use one mask per gate for all steps of a call.
      spatial_dropout: whether these masks zero whole channels (Tompson et al.
        2015), as suits neighboring pixels that are alike. An input of one
        channel is zeroed as a whole. False: single entries, as in Keras.
      weight_dropout: float; fraction of the entries of the recurrent kernel
        that are zeroed in a training step (DropConnect, the "weight drop" of
        Merity et al. 2017).

    Call arguments:
      sequences: tensor (batch, time, rows, columns, channels) of at least one
        step, of known rows and columns.
      initial_state: list of h and c, (batch, new rows, new columns, filters)
        each; zeros by default.
      mask: bool tensor (batch, time) or (batch, time, 1).
      training: bool; whether to apply dropout.

    Returns:
      h (batch, new rows, new columns, filters), with `return_sequences`
      (batch, time, new rows, new columns, filters); with `return_state`
      followed by the last h and c. With `padding="same"` and stride 1, the new
      rows and columns are those of the inputs.

    Raises:
      ValueError: `weight_dropout` is outside [0, 1); the sequences have no
        steps, or unknown rows or columns.
      InvalidArgumentError: in a graph that does not know these sizes, the
        sequences have no steps, or another batch size than the states of a
        stateful layer or `initial_state`.

    Example:
      >>> layer = ConvLSTM2D(8, kernel_size=3, padding="same")
      >>> layer(keras.ops.zeros((4, 10, 16, 16, 3))).shape
      TensorShape([4, 16, 16, 8])

    Reference: Shi et al., Convolutional LSTM Network, 2015.
    """

    __init__ = custom_gradient.constructor(
        keras.layers.ConvLSTM2D, spatial_dropout=True
    )

    def cell_of_call(self, frame, states, training):
        if not training:
            return private_api.copy_layer(self.cell, ConvLSTM2DCell)
        cell = private_api.copy_layer(
            dropout_masks.with_own_masks(self.cell),
            ConvLSTM2DCell,
            recurrent_kernel=self.drop_kernel(self.cell.recurrent_kernel),
        )
        state = states[0]
        if self.spatial_dropout:  # One place: the masks are broadcast.
            frame, state = map(self._one_place, (frame, state))
        self._maybe_config_dropout_masks(cell, frame, [state])
        return cell

    def _one_place(self, frame):
        if self.data_format == "channels_first":
            return frame[:, :, :1, :1]
        return frame[:, :1, :1]

    def get_config(self):
        config = super().get_config()
        if not self.spatial_dropout:
            config["spatial_dropout"] = False
        return config
