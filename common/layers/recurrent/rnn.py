"""keras.layers.RNN with a custom gradient."""

import keras

from common.layers._engine import custom_gradient
from common.layers.cells.base_cell import CustomGradientCell
from common.layers.cells.irnn_cell import IRNNCell
from common.layers.recurrent import gru
from common.layers.recurrent import lstm
from common.layers.recurrent import simple_rnn

# Programs of the cells that Keras defines or that are subclasses of those.
KERAS_CELL_PROGRAMS = {
    keras.layers.SimpleRNNCell: simple_rnn.simple_program,
    IRNNCell: simple_rnn.simple_program,
    keras.layers.LSTMCell: lstm.lstm_program,
    keras.layers.GRUCell: gru.keras_gru_program,
}


@keras.saving.register_keras_serializable("unroll")
class RNN(custom_gradient.CustomGradientRNN, keras.layers.RNN):
    """Runs a cell over a sequence; a drop-in for Keras's RNN.

    Keras's own cells, `IRNNCell`, and the subclasses of `CustomGradientCell`
    train with a custom gradient, used as in `LSTM`; any other cell runs as in
    `keras.layers.RNN`.

    Masking, weight_dropout, call arguments, returns and errors: see `LSTM`;
    the states are those of the cell.

    Args:
      cell: a Keras cell, or a list of cells.
      **kwargs: those of `keras.layers.RNN`, in its order.
      weight_dropout: float; see `LSTM`; for cells with a custom gradient.

    Example:
      >>> RNN(PeepholeLSTMCell(8))(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 8])
    """

    __init__ = custom_gradient.constructor(keras.layers.RNN)

    def recurrence_program(self):
        if isinstance(self.cell, CustomGradientCell):
            return self.cell.recurrence_program()
        program = KERAS_CELL_PROGRAMS.get(type(self.cell))
        return program and program(self.cell)

    def reset_state(self):
        """Sets the states to zero, those of a stack of cells too."""
        for state in keras.tree.flatten(self.states or []):
            state.assign(keras.ops.zeros_like(state.value))
