"""A stack of recurrent layers with the same cell."""

import keras

from common.layers._engine import algebra
from common.layers._engine import call_arguments
from common.layers._engine import composite_layer
from common.layers.cells.deep_transition_cell import DeepTransitionCell
from common.layers.recurrent.conv_lstm import ConvLSTM2D
from common.layers.recurrent.named_cells import CELLS
from common.layers.recurrent.named_cells import CONVOLUTIONAL_CELLS
from common.layers.recurrent.rnn import RNN


@keras.saving.register_keras_serializable("unroll")
class RecurrentStack(composite_layer.CompositeLayer):
    """A stack of recurrent layers with the same cell.

    Each layer reads the states of the one below. With `bidirectional`, each
    layer is a forward and a backward one, whose states are concatenated.

    Masking: steps whose mask is False keep the states; what they hold, NaN
    included, has no influence. The mask is passed on to the next layer.

    Convolutional cells read maps (rows, columns, features) at each step instead
    of vectors, and their states are maps of the same rows and columns.

    Args:
      cell: a key of `CELLS`, or of `CONVOLUTIONAL_CELLS`: "conv_lstm2d",
        "conv_gru2d" or "st_lstm2d". The classes document equations and
        references.
      units: int; size of the state in each direction; of maps, the channels.
      depth: int; number of layers. Those of "st_lstm2d" share a memory, and
        make up a single `SpatioTemporalLSTM2D`.
      bidirectional: whether to read backward too (Schuster & Paliwal 1997).
      dropout: float; rate of dropout on the inputs of each layer, with one
        mask for all steps of an example (variational or "locked" dropout, Gal
        & Ghahramani 2016). Of maps, whole channels are dropped.
      residual: whether a layer's inputs are added to its outputs, where both
        have the same size (He et al. 2015). Without `return_sequences`, not
        for the last layer, except with "st_lstm2d".
      deep_input: sizes of tanh layers between the inputs and the first layer,
        applied to each step. This and the next two: Pascanu et al. 2014.
      deep_hidden: sizes of tanh layers between a state and the next one; see
        `DeepTransitionCell`. Not with convolutional cells.
      deep_output: sizes of tanh layers after the last layer.
      return_sequences: whether to return all states, or only the last one:
        with `bidirectional`, the last one of each direction.
      return_state: whether to also return the last states of all layers.
      kernel_size: int, or (height, width); for convolutional cells only.

    Call arguments:
      inputs: float tensor (batch, time, features) or (batch, time, rows,
        columns, features).
      mask: bool tensor (batch, time).
      initial_state: list of the initial states of all layers, in the order in
        which `return_state` returns the last ones; zeros by default.
      training: whether to apply dropout. See `LSTM` for when the custom
        gradient is used.

    Returns:
      float tensor (batch, [time,] [rows, columns,] units), with
      `bidirectional` 2 * units, with `deep_output` its last size. With
      `return_state`, also a list of the states (batch, [rows, columns,]
      units), layer by layer, forward before backward.

    Raises:
      ValueError: `cell` is unknown; `depth` is not positive; the number of
        initial states is wrong; `kernel_size` is missing, or is given for a
        cell that is not convolutional.

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
        kernel_size=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        _check_arguments(cell, depth, deep_hidden, kernel_size)
        self.supports_masking = True
        self.return_sequences = return_sequences
        self.return_state = return_state
        dtype = self.dtype_policy.name
        self.lead = [_tanh_layer(size, dtype) for size in deep_input]
        options = {"dtype": dtype, "return_state": True}
        if kernel_size is not None:
            options["kernel_size"] = kernel_size
        if cell == "st_lstm2d":  # A single layer, which has these options.
            options |= {"depth": depth, "residual": residual}
            options["dropout"] = dropout
            depth, residual, dropout = 1, False, 0.0
        self.residual = residual
        self.stack = [
            _recurrent_layer(
                cell,
                units,
                bidirectional,
                list(deep_hidden),
                return_sequences=return_sequences or i < depth - 1,
                **options,
            )
            for i in range(depth)
        ]
        # One mask for all steps, and for all places.
        drop = keras.layers.SpatialDropout1D
        if cell in CONVOLUTIONAL_CELLS:
            drop = keras.layers.SpatialDropout3D
        self.drops = [drop(dropout, dtype=dtype) for _ in self.stack]
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
        batch, _, *places, _ = input_shape
        for layer in [*self.lead, *self.stack, *self.follow]:
            input_shape = self._output_shape(layer, input_shape)
        if not self.return_state:
            return input_shape
        return input_shape, [
            (batch, *places, size) for size in self.state_sizes
        ]

    def _output_shape(self, layer, input_shape):
        shape = layer.compute_output_shape(input_shape)
        return shape[0] if layer in self.stack else shape


def _state_sizes(layer):
    """Returns the sizes of the states of a layer, in order."""
    if isinstance(layer, keras.layers.Bidirectional):
        return 2 * _state_sizes(layer.forward_layer)
    if isinstance(layer, ConvLSTM2D):  # Keras's cell does not know it.
        return [layer.filters, layer.filters]
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


def _check_arguments(cell, depth, deep_hidden, kernel_size):
    """Raises a ValueError that names the argument and the remedy."""
    if cell not in CELLS | CONVOLUTIONAL_CELLS:
        cells = sorted(CELLS | CONVOLUTIONAL_CELLS)
        raise ValueError(f"cell={cell!r}: use one of {cells}.")
    if depth < 1:
        raise ValueError(f"depth={depth}: use 1 or more.")
    if (cell in CONVOLUTIONAL_CELLS) != (kernel_size is not None):
        raise ValueError(
            f"cell={cell!r}, kernel_size={kernel_size}: pass kernel_size with "
            f"one of {sorted(CONVOLUTIONAL_CELLS)}, and with no other cell."
        )
    if deep_hidden and kernel_size is not None:
        raise ValueError(
            f"deep_hidden={deep_hidden}: leave it empty with cell={cell!r}."
        )


def _tanh_layer(size, dtype):
    return keras.layers.Dense(size, activation="tanh", dtype=dtype)


def _recurrent_layer(cell, units, bidirectional, deep_hidden, **options):
    layer = (CELLS | CONVOLUTIONAL_CELLS)[cell](units, **options)
    if deep_hidden:
        layer = RNN(DeepTransitionCell(layer.cell, deep_hidden), **options)
    if bidirectional:
        return keras.layers.Bidirectional(layer, dtype=options["dtype"])
    return layer
