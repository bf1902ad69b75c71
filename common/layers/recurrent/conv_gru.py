"""The convolutional GRU."""

import keras

from common.layers._engine import convolutional
from common.layers.cells.conv_gru_cell import ConvGRU2DCell


@keras.saving.register_keras_serializable("unroll")
class ConvGRU2D(convolutional.ConvolutionalCellRNN):
    r"""A convolutional GRU: maps instead of vectors, convolutions as products.

    With $*$ for a convolution that keeps rows and columns,
    $z_t = \sigma(W_z * x_t + U_z * h_{t-1} + b_z)$,
    $r_t = \sigma(W_r * x_t + U_r * h_{t-1} + b_r)$,
    $n_t = \tanh(W_n * x_t + U_n * (r_t \odot h_{t-1}) + b_n)$,
    $h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t$.

    This is the equation of Ballas et al.: unlike in `GRU`, $z$ weighs the new
    value and not the old one, and $r$ acts before the convolution.

    Weights: kernel (height, width, channels, 3 * filters), recurrent kernel
    (height, width, filters, 3 * filters) and bias (3 * filters,) of z, r, n.

    A sequence in parts, masking, call arguments, returns and errors: see
    `ConvLSTM2D`; there is one state, h, of the rows and columns of the inputs.

    Args:
      filters: int; channels of h.
      kernel_size: int, or (height, width), of the two kernels.
      weight_dropout: float; see `ConvLSTM2D`.
      return_sequences, return_state, go_backwards, stateful, unroll,
        zero_output_for_mask, name, dtype, trainable: see `keras.layers.RNN`.
      **kwargs: `use_bias`, `kernel_initializer`, `recurrent_initializer`,
        `bias_initializer`; `dropout`, the rate of dropout on the inputs, with
        one mask for all steps of a call; `spatial_dropout`, whether it zeros
        whole channels (the default) or single entries; `seed`.

    Raises:
      ValueError: `filters` or `kernel_size` is not positive; a rate is outside
        [0, 1). See `ConvLSTM2D` for those of a call.

    Example:
      >>> ConvGRU2D(8, kernel_size=3)(keras.ops.zeros((4, 10, 16, 16, 3))).shape
      TensorShape([4, 16, 16, 8])

    Reference: Ballas et al., Delving Deeper into Convolutional Networks for
    Learning Video Representations, 2016.
    """

    cell_class = ConvGRU2DCell
