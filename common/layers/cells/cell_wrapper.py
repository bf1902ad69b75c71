"""The base class of cells that wrap another cell."""

import keras

from common.layers._engine import composite_layer
from common.layers._engine.private_api import DropoutRNNCell


class CellWrapper(composite_layer.CompositeLayer, DropoutRNNCell):
    """A cell with the states, dropout masks and dtype of the cell it wraps.

    Args:
      cell: a recurrent cell whose states are vectors.
      **kwargs: arguments of `keras.layers.Layer`. The default dtype is that
        of the cell.

    Raises:
      ValueError: the cell is a stack of cells.
    """

    def __init__(self, cell, **kwargs):
        super().__init__(**{"dtype": cell.dtype_policy, **kwargs})
        sizes = cell.state_size
        self.state_size = [sizes] if isinstance(sizes, int) else list(sizes)
        if not all(isinstance(size, int) for size in self.state_size):
            raise ValueError(
                f"state_size={sizes}: wrap each cell of the stack instead."
            )
        self.cell = cell
        self.output_size = cell.output_size

    def build(self, input_shape):
        if not self.cell.built:
            self.cell.build(input_shape)

    def get_initial_state(self, batch_size=None):
        return self.cell.get_initial_state(batch_size)

    def get_dropout_mask(self, step_input):
        if isinstance(self.cell, DropoutRNNCell):
            self.cell.get_dropout_mask(step_input)

    def get_recurrent_dropout_mask(self, step_input):
        if isinstance(self.cell, DropoutRNNCell):
            self.cell.get_recurrent_dropout_mask(step_input)

    def reset_dropout_mask(self):
        if isinstance(self.cell, DropoutRNNCell):
            self.cell.reset_dropout_mask()

    def reset_recurrent_dropout_mask(self):
        if isinstance(self.cell, DropoutRNNCell):
            self.cell.reset_recurrent_dropout_mask()

    def get_config(self):
        cell = keras.saving.serialize_keras_object(self.cell)
        return {**super().get_config(), "cell": cell}

    @classmethod
    def from_config(cls, config):
        cell = keras.saving.deserialize_keras_object(config["cell"])
        return super().from_config({**config, "cell": cell})
