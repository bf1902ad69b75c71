"""An LSTM cell that normalizes what flows into its gates."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("unroll")
class LayerNormLSTMCell(keras.layers.Layer):
    r"""An LSTM cell with layer normalization.

    $[i, f, g, o] = \alpha_1 N(x_t W) + \alpha_2 N(h_{t-1} U) + b$;
    $c_t = \sigma(f) c_{t-1} + \sigma(i) \tanh(g)$;
    $h_t = \sigma(o) \tanh(\alpha_3 N(c_t) + \beta_3)$;
    $N(z) = (z - \bar z) / \sqrt{\mathrm{var}(z) + \epsilon}$ over the
    features of one example, the four gates together.

    The carry $c_t$ itself is not normalized on its way through time. The
    paper adds shifts $\beta_1$ and $\beta_2$ to the first line: they and $b$
    are one sum, and here one vector.

    Masking: `keras.layers.RNN` keeps the states where the mask is False.

    Args:
      units: int; size of each of the two states.
      activation: function in the place of tanh.
      recurrent_activation: function in the place of $\sigma$.
      use_bias: whether there are shifts $b$ and $\beta_3$.
      kernel_initializer: initializer of $W$ (features, 4 * units).
      recurrent_initializer: initializer of $U$ (units, 4 * units).
      bias_initializer: initializer of the shifts.
      unit_forget_bias: whether to add 1 to the part of $b$ that belongs to
        the forget gate, at the start of the training.
      epsilon: float $\epsilon$, against division by zero.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list $[h, c]$ of float tensors (batch, units).

    Returns:
      (output, [h, c]), float tensors (batch, units); the output is $h_t$.

    Raises:
      ValueError: `units` is not positive.

    Example:
      >>> rnn = keras.layers.RNN(LayerNormLSTMCell(4))
      >>> rnn(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Ba, Kiros & Hinton, Layer Normalization, 2016.
    """

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        unit_forget_bias=True,
        epsilon=1e-5,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units={units}: use a positive number.")
        self.units = units
        self.activation = keras.activations.get(activation)
        self.recurrent_activation = keras.activations.get(recurrent_activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer
        self.unit_forget_bias = unit_forget_bias
        self.epsilon = epsilon
        self.state_size = [units, units]
        self.output_size = units

    def build(self, input_shape):
        units, gates = self.units, 4 * self.units
        weight = self.add_weight
        self.kernel = weight(
            name="kernel",
            shape=(input_shape[-1], gates),
            initializer=self.kernel_initializer,
        )
        self.recurrent_kernel = weight(
            name="recurrent_kernel",
            shape=(units, gates),
            initializer=self.recurrent_initializer,
        )
        self.kernel_gain = weight((gates,), "ones", name="kernel_gain")
        self.recurrent_gain = weight((gates,), "ones", name="recurrent_gain")
        self.carry_gain = weight((units,), "ones", name="carry_gain")
        self.bias = self.carry_shift = None
        if self.use_bias:
            self.bias = weight((gates,), self._initial_bias, name="bias")
            self.carry_shift = weight(
                (units,), self.bias_initializer, name="carry_shift"
            )

    def _initial_bias(self, shape, dtype=None):
        bias = keras.initializers.get(self.bias_initializer)(shape, dtype)
        one = float(self.unit_forget_bias)
        added = ops.repeat(ops.array([0, one, 0, 0], dtype), self.units)
        return bias + added

    def call(self, inputs, states, training=False):
        h, c = states
        gates = self._norm(ops.matmul(inputs, self.kernel), self.kernel_gain)
        gates += self._norm(
            ops.matmul(h, self.recurrent_kernel), self.recurrent_gain
        )
        if self.bias is not None:
            gates += self.bias
        i, f, g, o = ops.split(gates, 4, axis=-1)
        i, f, o = map(self.recurrent_activation, (i, f, o))
        c = f * c + i * self.activation(g)
        shown = self._norm(c, self.carry_gain, self.carry_shift)
        h = o * self.activation(shown)
        return h, [h, c]

    def _norm(self, x, gain, shift=None):
        return ops.layer_normalization(x, gain, shift, epsilon=self.epsilon)

    def get_initial_state(self, batch_size=None):
        zeros = ops.zeros((batch_size, self.units), self.compute_dtype)
        return [zeros, zeros]
