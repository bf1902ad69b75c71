"""Recurrent layers of one kind, one upon the other."""

import functools

import keras

from common.layers.cifg_lstm_cell import CIFGLSTMCell
from common.layers.deep_transition_cell import DeepTransitionCell
from common.layers.gru import GRU
from common.layers.irnn_cell import IRNNCell
from common.layers.jordan_cell import JordanCell
from common.layers.layer_norm_lstm_cell import LayerNormLSTMCell
from common.layers.leaky_cell import LeakyCell
from common.layers.lstm import LSTM
from common.layers.nas_cell import NASCell
from common.layers.peephole_lstm_cell import PeepholeLSTMCell
from common.layers.recurrent_highway_cell import RecurrentHighwayCell
from common.layers.rnn import RNN
from common.layers.simple_rnn import SimpleRNN
from common.layers.time_skip_cell import TimeSkipCell
from common.layers.updating_gru_cell import UpdatingGRUCell


def _running(cell):
    """Returns what makes a layer that runs a cell of so many units."""

    def layer(units, dtype=None, **options):
        return RNN(cell(units, dtype=dtype), dtype=dtype, **options)

    return layer


CELLS = {
    "simple_rnn": SimpleRNN,
    "irnn": _running(IRNNCell),
    "leaky": _running(LeakyCell),
    "time_skip": _running(TimeSkipCell),
    "jordan": _running(lambda n, **options: JordanCell(n, n, **options)),
    "lstm": LSTM,
    "peephole_lstm": _running(PeepholeLSTMCell),
    "cifg_lstm": _running(CIFGLSTMCell),
    "layer_norm_lstm": _running(LayerNormLSTMCell),
    "gru": GRU,
    "gru_reset_before": functools.partial(GRU, reset_after=False),
    "updating_gru": _running(UpdatingGRUCell),
    "recurrent_highway": _running(RecurrentHighwayCell),
    "nas": _running(NASCell),
}


@keras.saving.register_keras_serializable("unroll")
class RecurrentStack(keras.layers.Layer):
    """Recurrent layers of one kind, one upon the other.

    Each layer reads the states of the one below. With `bidirectional`, each
    is a pair that reads in both directions, and their states are joined.

    Masking: steps whose mask is False leave the state as it is; the mask is
    passed on to the next layer.

    Args:
      cell: a key of `CELLS`; each class tells its equations and its source.
      units: int; size of the state in each direction.
      depth: int; number of layers.
      bidirectional: whether to read backwards, too (Schuster & Paliwal 1997).
      dropout: float; share of the features that are hidden from each layer in
        training, the same at all steps of an example (variational or "locked"
        dropout, Gal & Ghahramani 2016).
      residual: whether a layer's inputs are added to its outputs, where both
        have the same size (He et al. 2015). Without `return_sequences`, the
        last layer has no such sum.
      deep_input: sizes of tanh layers between the inputs and the first layer,
        the same at all steps. This and the next two: Pascanu et al. 2014.
      deep_hidden: sizes of tanh layers between a state and the next one.
      deep_output: sizes of tanh layers after the last layer.
      return_sequences: whether to return all states, or only the last one:
        with `bidirectional`, each direction's own last.
      return_state: whether to return the last states of all layers, too.

    Call arguments:
      inputs: float tensor (batch, time, features).
      mask: bool tensor (batch, time).
      initial_state: list of the first states of all layers, in the order in
        which `return_state` returns the last ones; zeros by default.
      training: whether to apply dropout, and to have the gradient by hand.

    Returns:
      float tensor (batch, [time,] units), with `bidirectional` 2 * units,
      with `deep_output` its last size. With `return_state`, also a list of
      the states (batch, units): those of the first layer come first, those
      forward before those backward.

    Raises:
      ValueError: there is no such cell, or no layer; the number of states is
        wrong.

    Example:
      >>> stack = RecurrentStack("gru", 8, depth=2, bidirectional=True)
      >>> stack(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 16])
    """

    def __init__(
        self,
        cell,
        units,
        depth=1,
        bidirectional=False,
        dropout=0.0,
        residual=False,
        deep_input=(),
        deep_hidden=(),
        deep_output=(),
        return_sequences=False,
        return_state=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if cell not in CELLS:
            raise ValueError(f"cell={cell!r}: use one of {sorted(CELLS)}.")
        if depth < 1:
            raise ValueError(f"depth={depth}: use 1 or more.")
        self.supports_masking = True
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.residual = residual
        dtype = self.dtype_policy.name
        self.lead = [_tanh(size, dtype) for size in deep_input]
        self.stack = [
            _layer(
                cell,
                units,
                bidirectional,
                list(deep_hidden),
                dtype=dtype,
                return_sequences=return_sequences or i < depth - 1,
                return_state=True,
            )
            for i in range(depth)
        ]
        self.drops = [
            keras.layers.SpatialDropout1D(dropout, dtype=dtype)
            for _ in self.stack
        ]
        self.follow = [_tanh(size, dtype) for size in deep_output]

    def build(self, input_shape):
        for layer in [*self.lead, *self.stack, *self.follow]:
            layer.build(input_shape)
            input_shape = self._output_shape(layer, input_shape)

    @property
    def state_sizes(self):
        """The sizes of the states of all layers, in their order."""
        return [size for layer in self.stack for size in _state_sizes(layer)]

    def call(self, inputs, mask=None, initial_state=None, training=False):
        given = _dealt(initial_state, [_state_sizes(x) for x in self.stack])
        states = []
        for layer in self.lead:
            inputs = layer(inputs)
        for drop, layer, first in zip(self.drops, self.stack, given):
            outputs = drop(inputs, training=training)
            outputs, *last = layer(
                outputs, mask=mask, initial_state=first, training=training
            )
            states += last
            if self.residual and outputs.shape[1:] == inputs.shape[1:]:
                outputs += inputs
            inputs = outputs
        for layer in self.follow:
            inputs = layer(inputs)
        return (inputs, states) if self.return_state else inputs

    def compute_mask(self, inputs, mask=None):
        return mask if self.return_sequences else None

    def compute_output_shape(self, input_shape):
        batch = input_shape[0]
        for layer in [*self.lead, *self.stack, *self.follow]:
            input_shape = self._output_shape(layer, input_shape)
        if not self.return_state:
            return input_shape
        return input_shape, [(batch, size) for size in self.state_sizes]

    def _output_shape(self, layer, input_shape):
        shape = layer.compute_output_shape(input_shape)
        return shape[0] if layer in self.stack else shape


def _state_sizes(layer):
    """Returns the sizes of the states of a layer, in their order."""
    if isinstance(layer, keras.layers.Bidirectional):
        return 2 * _state_sizes(layer.forward_layer)
    return keras.tree.flatten(layer.cell.state_size)


def _dealt(states, sizes):
    """Returns the states of each layer; None for each where there are none."""
    if states is None:
        return [None] * len(sizes)
    wanted = sum(map(len, sizes))
    if len(states) != wanted:
        raise ValueError(f"{len(states)} initial states: give {wanted}.")
    states = iter(states)
    return [[next(states) for _ in each] for each in sizes]


def _tanh(size, dtype):
    return keras.layers.Dense(size, activation="tanh", dtype=dtype)


def _layer(cell, units, bidirectional, deep_hidden, **options):
    layer = CELLS[cell](units, **options)
    if deep_hidden:
        layer = RNN(DeepTransitionCell(layer.cell, deep_hidden), **options)
    if bidirectional:
        return keras.layers.Bidirectional(layer, dtype=options["dtype"])
    return layer
