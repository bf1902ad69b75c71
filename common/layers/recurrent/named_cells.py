"""The recurrent layers, by the names of their cells."""

import functools

from common.layers.cells.cifg_lstm_cell import CIFGLSTMCell
from common.layers.cells.irnn_cell import IRNNCell
from common.layers.cells.jordan_cell import JordanCell
from common.layers.cells.layer_norm_lstm_cell import LayerNormLSTMCell
from common.layers.cells.leaky_cell import LeakyCell
from common.layers.cells.nas_cell import NASCell
from common.layers.cells.peephole_lstm_cell import PeepholeLSTMCell
from common.layers.cells.recurrent_highway_cell import RecurrentHighwayCell
from common.layers.cells.time_skip_cell import TimeSkipCell
from common.layers.cells.updating_gru_cell import UpdatingGRUCell
from common.layers.recurrent.conv_gru import ConvGRU2D
from common.layers.recurrent.conv_lstm import ConvLSTM2D
from common.layers.recurrent.gru import GRU
from common.layers.recurrent.lstm import LSTM
from common.layers.recurrent.rnn import RNN
from common.layers.recurrent.simple_rnn import SimpleRNN
from common.layers.recurrent.spatio_temporal_lstm import SpatioTemporalLSTM2D


def _layer_factory(make_cell):
    """Returns a function from units and options to an RNN of such a cell."""

    def make_layer(units, dtype=None, **options):
        return RNN(make_cell(units, dtype=dtype), dtype=dtype, **options)

    return make_layer


CELLS = {
    "simple_rnn": SimpleRNN,
    "irnn": _layer_factory(IRNNCell),
    "leaky": _layer_factory(LeakyCell),
    "time_skip": _layer_factory(TimeSkipCell),
    "jordan": _layer_factory(lambda n, **options: JordanCell(n, n, **options)),
    "lstm": LSTM,
    "peephole_lstm": _layer_factory(PeepholeLSTMCell),
    "cifg_lstm": _layer_factory(CIFGLSTMCell),
    "layer_norm_lstm": _layer_factory(LayerNormLSTMCell),
    "gru": GRU,
    "gru_reset_before": functools.partial(GRU, reset_after=False),
    "updating_gru": _layer_factory(UpdatingGRUCell),
    "recurrent_highway": _layer_factory(RecurrentHighwayCell),
    "nas": _layer_factory(NASCell),
}
CONVOLUTIONAL_CELLS = {
    "conv_lstm2d": functools.partial(ConvLSTM2D, padding="same"),
    "conv_gru2d": ConvGRU2D,
    "st_lstm2d": SpatioTemporalLSTM2D,
}
