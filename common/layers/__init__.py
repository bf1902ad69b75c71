"""The shared layers: `from common import layers`."""

from common.layers import convert as convert
from common.layers._engine import backend as backend  # Before Keras.
from common.layers._engine.portability import portable_graphs as portable_graphs
from common.layers.attention.additive_attention import (
    AdditiveAttention as AdditiveAttention,
)
from common.layers.attention.attention_decoder import (
    AttentionDecoder as AttentionDecoder,
)
from common.layers.attention.multiplicative_attention import (
    MultiplicativeAttention as MultiplicativeAttention,
)
from common.layers.attention.token_decoder import TokenDecoder as TokenDecoder
from common.layers.cells.base_cell import BaseCell as BaseCell
from common.layers.cells.base_cell import (
    CustomGradientCell as CustomGradientCell,
)
from common.layers.cells.cifg_lstm_cell import CIFGLSTMCell as CIFGLSTMCell
from common.layers.cells.deep_transition_cell import (
    DeepTransitionCell as DeepTransitionCell,
)
from common.layers.cells.entity_cell import EntityCell as EntityCell
from common.layers.cells.irnn_cell import IRNNCell as IRNNCell
from common.layers.cells.jordan_cell import JordanCell as JordanCell
from common.layers.cells.layer_norm_lstm_cell import (
    LayerNormLSTMCell as LayerNormLSTMCell,
)
from common.layers.cells.leaky_cell import LeakyCell as LeakyCell
from common.layers.cells.nas_cell import NASCell as NASCell
from common.layers.cells.peephole_lstm_cell import (
    PeepholeLSTMCell as PeepholeLSTMCell,
)
from common.layers.cells.recurrent_highway_cell import (
    RecurrentHighwayCell as RecurrentHighwayCell,
)
from common.layers.cells.time_skip_cell import TimeSkipCell as TimeSkipCell
from common.layers.cells.updating_gru_cell import (
    UpdatingGRUCell as UpdatingGRUCell,
)
from common.layers.cells.zoneout_cell import ZoneoutCell as ZoneoutCell
from common.layers.clone import clone_model as clone_model
from common.layers.recurrent.conv_gru import ConvGRU2D as ConvGRU2D
from common.layers.recurrent.conv_lstm import ConvLSTM1D as ConvLSTM1D
from common.layers.recurrent.conv_lstm import ConvLSTM2D as ConvLSTM2D
from common.layers.recurrent.conv_lstm import ConvLSTM3D as ConvLSTM3D
from common.layers.recurrent.gru import GRU as GRU
from common.layers.recurrent.lstm import LSTM as LSTM
from common.layers.recurrent.named_cells import CELLS as CELLS
from common.layers.recurrent.named_cells import (
    CONVOLUTIONAL_CELLS as CONVOLUTIONAL_CELLS,
)
from common.layers.recurrent.recurrent_stack import (
    RecurrentStack as RecurrentStack,
)
from common.layers.recurrent.rnn import RNN as RNN
from common.layers.recurrent.simple_rnn import SimpleRNN as SimpleRNN
from common.layers.recurrent.spatio_temporal_lstm import (
    SpatioTemporalLSTM2D as SpatioTemporalLSTM2D,
)
from common.layers.regularization.activation_regularization import (
    ActivationRegularization as ActivationRegularization,
)
from common.layers.regularization.dropout_embedding import (
    DropoutEmbedding as DropoutEmbedding,
)
from common.layers.regularization.masked_pooling import (
    MaskedPooling as MaskedPooling,
)

PlannedCell = CustomGradientCell  # Its former name.
