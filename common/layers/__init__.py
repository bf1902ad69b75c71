"""The shared layers: `from common import layers`."""

from common.layers.masked_pooling import MaskedPooling as MaskedPooling
from common.layers.recurrent_stack import CELLS as CELLS
from common.layers.recurrent_stack import RecurrentStack as RecurrentStack
