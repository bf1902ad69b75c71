"""keras.layers.RNN, with backpropagation through time derived by hand."""

import keras

from common.layers import gru
from common.layers import hand_derived
from common.layers import lstm
from common.layers import simple_rnn

PLANS = {
    keras.layers.SimpleRNNCell: simple_rnn.plan,
    keras.layers.LSTMCell: lstm.plan,
    keras.layers.GRUCell: gru.plan,
}


@keras.saving.register_keras_serializable("unroll")
class RNN(hand_derived.HandDerived, keras.layers.RNN):
    """Runs a cell over a sequence; a drop-in for Keras's RNN.

    Keras's own cells, `IRNNCell`, and the subclasses of `PlannedCell` train
    with a gradient by hand; any other cell runs as in `keras.layers.RNN`.

    Masking, weight_dropout, call arguments, returns and errors: as of `LSTM`,
    with the states of the cell.

    Args:
      cell: a Keras cell.
      *args, **kwargs: as of `keras.layers.RNN`.
      weight_dropout: float; as of `LSTM`, for cells with a gradient by hand.

    Example:
      >>> RNN(PeepholeLSTMCell(8))(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 8])
    """

    def plan(self):
        if hasattr(self.cell, "plan"):
            return self.cell.plan()
        plan = PLANS.get(type(self.cell))
        return plan and plan(self.cell)
