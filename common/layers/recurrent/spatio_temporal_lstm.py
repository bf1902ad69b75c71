"""The spatiotemporal LSTM of PredRNN."""

import keras

from common.layers._engine import convolutional
from common.layers.cells.spatio_temporal_lstm_cell import (
    SpatioTemporalStackCell,
)


@keras.saving.register_keras_serializable("unroll")
class SpatioTemporalLSTM2D(convolutional.ConvolutionalCellRNN):
    r"""The network of PredRNN: convolutional LSTMs that share a second memory.

    Each of `depth` levels l has its own h and c. The memory m passes through
    all levels in a step, and from the last level to the first one of the next
    step: $m_t^0 = m_{t-1}^{depth}$. With $*$ for a convolution that keeps rows
    and columns, $x_t$ for the h of the level below (the inputs for the first
    level), and l left out where it is the same,

    $(i, f)_t = \sigma(W * x_t + U * h_{t-1} + b)$,
    $g_t = \tanh(W_g * x_t + U_g * h_{t-1} + b_g)$,
    $c_t = f_t \odot c_{t-1} + i_t \odot g_t$;
    $(i', f')_t = \sigma(W' * x_t + V * m_t^{l-1} + b')$,
    $g'_t = \tanh(W'_g * x_t + V_g * m_t^{l-1} + b'_g)$,
    $m_t^l = f'_t \odot m_t^{l-1} + i'_t \odot g'_t$;
    $o_t = \sigma(W_o * x_t + U_o * h_{t-1} + Q * [c_t, m_t^l] + b_o)$,
    $h_t = o_t \odot \tanh(P * [c_t, m_t^l])$, where $P$ has size 1.

    Weights of a level: kernel (height, width, channels, 7 * filters) and bias
    (7 * filters,), of the gates i, f, g, i', f', g', o; recurrent kernel
    (height, width, filters, 4 * filters) of i, f, g, o; memory kernel (height,
    width, filters, 3 * filters) of i', f', g'; output kernel (height, width,
    2 * filters, filters); projection (1, 1, 2 * filters, filters). The biases
    of f and f' are initialized to 1.

    A sequence in parts, masking, call arguments, returns and errors: see
    `ConvLSTM2D`. The output is the h of the last level. The states are h and c
    of each level, then m, of the rows and columns of the inputs.

    Args:
      filters: int; channels of h, c and m.
      kernel_size: int, or (height, width).
      depth: int; number of levels.
      residual: whether the inputs of a level are added to its outputs, where
        both have the same size (He et al. 2015).
      weight_dropout: float; see `ConvLSTM2D`; for the recurrent kernels and the
        memory kernels.
      **kwargs: see `ConvGRU2D`; `dropout` applies to the inputs of each level.

    Raises:
      ValueError: `filters`, `kernel_size` or `depth` is not positive; a rate is
        outside [0, 1). See `ConvLSTM2D` for those of a call.

    Example:
      >>> layer = SpatioTemporalLSTM2D(8, kernel_size=3, depth=2)
      >>> layer(keras.ops.zeros((4, 10, 16, 16, 3))).shape
      TensorShape([4, 16, 16, 8])

    Reference: Wang et al., PredRNN: Recurrent Neural Networks for Predictive
    Learning using Spatiotemporal LSTMs, 2017.
    """

    cell_class = SpatioTemporalStackCell

    def __init__(self, filters, kernel_size, depth=1, residual=False, **kwargs):
        super().__init__(
            filters, kernel_size, depth=depth, residual=residual, **kwargs
        )
