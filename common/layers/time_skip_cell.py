"""A simple recurrent cell with a second connection from farther back."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("unroll")
class TimeSkipCell(keras.layers.Layer):
    r"""A simple recurrent cell with a connection over several steps.

    $h_t = f(x_t W + h_{t-1} U + h_{t-d} V + b)$ with $d$ = `skip`; states
    before the first step are zero.

    Along the connection $V$ the gradient passes $d$ steps at once, so that it
    vanishes with $\tau / d$ rather than with $\tau$ steps.

    Masking: `keras.layers.RNN` keeps the states where the mask is False, so
    that `skip` counts the steps that the mask keeps.

    Args:
      units: int; size of the state.
      skip: int from 2; length of the second connection, in steps.
      activation: the function $f$.
      use_bias: whether there is a $b$.
      kernel_initializer: initializer of $W$.
      recurrent_initializer: initializer of $U$ and $V$, joined in one matrix
        (2 * units, units), $U$ above.
      bias_initializer: initializer of $b$.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of `skip` float tensors (batch, units), the newest first.

    Returns:
      (output, states): $h_t$, a float tensor (batch, units), and the list of
      the last `skip` of them, the newest first.

    Raises:
      ValueError: `units` or `skip` is too small.

    Example:
      >>> rnn = keras.layers.RNN(TimeSkipCell(4, skip=3))
      >>> rnn(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Lin, Horne, Tino & Giles, Learning Long-Term Dependencies in
    NARX Recurrent Neural Networks, 1996.
    """

    def __init__(
        self,
        units,
        skip=4,
        activation="tanh",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units={units}: use a positive number.")
        if skip < 2:
            raise ValueError(
                f"skip={skip}: use 2 or more; "
                "keras.layers.SimpleRNNCell has the connection over 1 step."
            )
        self.units = units
        self.skip = skip
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer
        self.state_size = [units] * skip
        self.output_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            initializer=self.kernel_initializer,
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel",
            shape=(2 * self.units, self.units),
            initializer=self.recurrent_initializer,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
            )

    def call(self, inputs, states, training=False):
        ends = ops.concatenate([states[0], states[-1]], axis=-1)
        total = ops.matmul(inputs, self.kernel)
        total += ops.matmul(ends, self.recurrent_kernel)
        if self.bias is not None:
            total += self.bias
        output = self.activation(total)
        return output, [output, *states[:-1]]

    def get_initial_state(self, batch_size=None):
        zeros = ops.zeros((batch_size, self.units), self.compute_dtype)
        return [zeros] * self.skip
