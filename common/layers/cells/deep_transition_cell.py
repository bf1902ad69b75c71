"""A wrapper that adds layers between the states of a cell."""

import keras
from keras import ops

from common.layers.cells import cell_wrapper


@keras.saving.register_keras_serializable("unroll")
class DeepTransitionCell(cell_wrapper.CellWrapper):
    r"""A cell that receives its first state through a multilayer perceptron.

    $s_0 = h_{t-1}$; $s_l = f(s_{l-1} A_l + a_l)$ for $l = 1 \dots n$;
    $\tilde h = s_n A_{n+1} + a_{n+1}$;
    $h_t = \mathrm{cell}(x_t, \tilde h)$.

    The last layer is linear and has the size of the state, as the cell
    multiplies it by its own recurrent kernel. Further states, such as $c$ of
    an LSTM, are passed to the cell unchanged.

    The deep transition of the paper (DT-RNN, equation 7) is
    $H_t = \phi_L(W_L^\top \dots \phi_1(W_1^\top H_{t-1} + U_1^\top x_t))$: the
    input enters the first layer. That layer is the cell here, and the other
    ones run at the start of the next step: $H_t = \tilde h_{t+1}$, with the
    identity as $\phi_L$. The output is $h_t$, which $x_t$ reaches through the
    cell alone, instead of $H_t$.

    Masking: the layer that runs the cell keeps the states where the mask is
    False.

    Args:
      cell: a recurrent cell whose states are vectors.
      hidden_units: list of ints; sizes of the hidden layers.
      activation: the function $f$.
      **kwargs: arguments of `keras.layers.Layer`. The default dtype is that
        of the cell.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of the states of the wrapped cell.
      training: passed on to the wrapped cell.

    Returns:
      (output, states), as the wrapped cell returns them.

    Raises:
      ValueError: `hidden_units` is empty or has a size below 1; the cell is a
        stack of cells.

    Example:
      >>> cell = DeepTransitionCell(keras.layers.SimpleRNNCell(4), [8])
      >>> keras.layers.RNN(cell)(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Pascanu, Gulcehre, Cho & Bengio, How to Construct Deep
    Recurrent Neural Networks, 2014.
    """

    def __init__(self, cell, hidden_units, activation="tanh", **kwargs):
        super().__init__(cell, **kwargs)
        if not hidden_units or min(hidden_units) < 1:
            raise ValueError(
                f"hidden_units={hidden_units}: use at least one size, all "
                "positive; without hidden layers, use the cell itself."
            )
        self.hidden_units = list(hidden_units)
        self.activation = keras.activations.get(activation)
        dense = keras.layers.Dense
        self.transition = [
            dense(units, self.activation, dtype=self.dtype_policy)
            for units in hidden_units
        ] + [dense(self.state_size[0], dtype=self.dtype_policy)]

    def build(self, input_shape):
        super().build(input_shape)
        shape = (input_shape[0], self.state_size[0])
        for layer in self.transition:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)

    def call(self, inputs, states, training=False):
        first = states[0]
        for layer in self.transition:
            first = layer(first)
        output, new = self.cell(inputs, [first, *states[1:]])
        # The cell's dtype may differ.
        return output, [ops.cast(s, self.compute_dtype) for s in new]

    def get_config(self):
        return {
            **super().get_config(),
            "hidden_units": self.hidden_units,
            "activation": keras.activations.serialize(self.activation),
        }
