"""The shared layers: `from common import layers`."""

from common.layers import convert as convert
from common.layers.activation_regularization import (
    ActivationRegularization as ActivationRegularization,
)
from common.layers.additive_attention import (
    AdditiveAttention as AdditiveAttention,
)
from common.layers.attention_decoder import AttentionDecoder as AttentionDecoder
from common.layers.cifg_lstm_cell import CIFGLSTMCell as CIFGLSTMCell
from common.layers.conv_lstm import ConvLSTM1D as ConvLSTM1D
from common.layers.conv_lstm import ConvLSTM2D as ConvLSTM2D
from common.layers.conv_lstm import ConvLSTM3D as ConvLSTM3D
from common.layers.deep_transition_cell import (
    DeepTransitionCell as DeepTransitionCell,
)
from common.layers.dropout_embedding import DropoutEmbedding as DropoutEmbedding
from common.layers.entity_cell import EntityCell as EntityCell
from common.layers.gru import GRU as GRU
from common.layers.irnn_cell import IRNNCell as IRNNCell
from common.layers.jordan_cell import JordanCell as JordanCell
from common.layers.layer_norm_lstm_cell import (
    LayerNormLSTMCell as LayerNormLSTMCell,
)
from common.layers.leaky_cell import LeakyCell as LeakyCell
from common.layers.lstm import LSTM as LSTM
from common.layers.masked_pooling import MaskedPooling as MaskedPooling
from common.layers.multiplicative_attention import (
    MultiplicativeAttention as MultiplicativeAttention,
)
from common.layers.nas_cell import NASCell as NASCell
from common.layers.peephole_lstm_cell import (
    PeepholeLSTMCell as PeepholeLSTMCell,
)
from common.layers.planned_cell import PlannedCell as PlannedCell
from common.layers.recurrent_highway_cell import (
    RecurrentHighwayCell as RecurrentHighwayCell,
)
from common.layers.recurrent_stack import CELLS as CELLS
from common.layers.recurrent_stack import RecurrentStack as RecurrentStack
from common.layers.rnn import RNN as RNN
from common.layers.simple_rnn import SimpleRNN as SimpleRNN
from common.layers.time_skip_cell import TimeSkipCell as TimeSkipCell
from common.layers.token_decoder import TokenDecoder as TokenDecoder
from common.layers.updating_gru_cell import UpdatingGRUCell as UpdatingGRUCell
from common.layers.zoneout_cell import ZoneoutCell as ZoneoutCell
