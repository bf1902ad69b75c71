"""A stack of recurrent layers with the same cell."""

import functools

import keras

from common.layers._engine import algebra
from common.layers._engine import call_arguments
from common.layers._engine import composite_layer
from common.layers.cells.cifg_lstm_cell import CIFGLSTMCell
from common.layers.cells.deep_transition_cell import DeepTransitionCell
from common.layers.cells.irnn_cell import IRNNCell
from common.layers.cells.jordan_cell import JordanCell
from common.layers.cells.layer_norm_lstm_cell import LayerNormLSTMCell
from common.layers.cells.leaky_cell import LeakyCell
from common.layers.cells.nas_cell import NASCell
from common.layers.cells.peephole_lstm_cell import PeepholeLSTMCell
from common.layers.cells.recurrent_highway_cell import RecurrentHighwayCell
from common.layers.cells.time_skip_cell import TimeSkipCell
from common.layers.cells.updating_gru_cell import UpdatingGRUCell
from common.layers.recurrent.gru import GRU
from common.layers.recurrent.lstm import LSTM
from common.layers.recurrent.rnn import RNN
from common.layers.recurrent.simple_rnn import SimpleRNN


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


@keras.saving.register_keras_serializable("unroll")
class RecurrentStack(composite_layer.CompositeLayer):
    """A stack of recurrent layers with the same cell.

    Each layer reads the states of the one below. With `bidirectional`, each
    layer is a forward and a backward one, whose states are concatenated.

    Masking: steps whose mask is False keep the states; what they hold, NaN
    included, has no influence. The mask is passed on to the next layer.

    Args:
      cell: a key of `CELLS`; the classes document equations and references.
      units: int; size of the state in each direction.
      depth: int; number of layers.
      bidirectional: whether to read backward too (Schuster & Paliwal 1997).
      dropout: float; rate of dropout on the inputs of each layer, with one
        mask for all steps of an example (variational or "locked" dropout, Gal
        & Ghahramani 2016).
      residual: whether a layer's inputs are added to its outputs, where both
        have the same size (He et al. 2015). Without `return_sequences`, not
        for the last layer.
      deep_input: sizes of tanh layers between the inputs and the first layer,
        applied to each step. This and the next two: Pascanu et al. 2014.
      deep_hidden: sizes of tanh layers between a state and the next one; see
        `DeepTransitionCell`.
      deep_output: sizes of tanh layers after the last layer.
      return_sequences: whether to return all states, or only the last one:
        with `bidirectional`, the last one of each direction.
      return_state: whether to also return the last states of all layers.

    Call arguments:
      inputs: float tensor (batch, time, features).
      mask: bool tensor (batch, time).
      initial_state: list of the initial states of all layers, in the order in
        which `return_state` returns the last ones; zeros by default.
      training: whether to apply dropout. See `LSTM` for when the custom
        gradient is used.

    Returns:
      float tensor (batch, [time,] units), with `bidirectional` 2 * units,
      with `deep_output` its last size. With `return_state`, also a list of
      the states (batch, units), layer by layer, forward before backward.

    Raises:
      ValueError: `cell` is unknown; `depth` is not positive; the number of
        initial states is wrong.

    Example:
      >>> stack = RecurrentStack("gru", 8, depth=2, bidirectional=True)
      >>> stack(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 16])

    Reference: see the arguments.
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
        self.lead = [_tanh_layer(size, dtype) for size in deep_input]
        self.stack = [
            _recurrent_layer(
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
        self.follow = [_tanh_layer(size, dtype) for size in deep_output]

    def build(self, input_shape):
        for layer in [*self.lead, *self.stack, *self.follow]:
            layer.build(input_shape)
            input_shape = self._output_shape(layer, input_shape)

    @property
    def state_sizes(self):
        """The sizes of the states of all layers, in order."""
        return [size for layer in self.stack for size in _state_sizes(layer)]

    def call(self, inputs, mask=None, initial_state=None, training=False):
        initial_states = _split_states(
            initial_state, [_state_sizes(x) for x in self.stack]
        )
        states = []
        mask = call_arguments.flatten_mask(mask)
        inputs = algebra.zero_masked(inputs, mask)
        inputs = keras.ops.cast(inputs, self.compute_dtype)
        for layer in self.lead:
            inputs = layer(inputs)
        for drop, layer, initial in zip(self.drops, self.stack, initial_states):
            outputs = drop(inputs, training=training)
            outputs, *last = layer(
                outputs, mask=mask, initial_state=initial, training=training
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
    """Returns the sizes of the states of a layer, in order."""
    if isinstance(layer, keras.layers.Bidirectional):
        return 2 * _state_sizes(layer.forward_layer)
    return keras.tree.flatten(layer.cell.state_size)


def _split_states(states, sizes):
    """Returns the states of each layer; None for each without states."""
    if states is None:
        return [None] * len(sizes)
    expected = sum(map(len, sizes))
    if len(states) != expected:
        raise ValueError(f"{len(states)} initial states: expected {expected}.")
    states = iter(states)
    return [[next(states) for _ in layer_sizes] for layer_sizes in sizes]


def _tanh_layer(size, dtype):
    return keras.layers.Dense(size, activation="tanh", dtype=dtype)


def _recurrent_layer(cell, units, bidirectional, deep_hidden, **options):
    layer = CELLS[cell](units, **options)
    if deep_hidden:
        layer = RNN(DeepTransitionCell(layer.cell, deep_hidden), **options)
    if bidirectional:
        return keras.layers.Bidirectional(layer, dtype=options["dtype"])
    return layer
