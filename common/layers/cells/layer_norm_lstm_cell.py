"""An LSTM cell that normalizes the inputs of its gates."""

import keras
from keras import ops

from common.layers.cells import base_cell


@keras.saving.register_keras_serializable("unroll")
class LayerNormLSTMCell(base_cell.BaseCell):
    r"""An LSTM cell with layer normalization.

    $[i, f, g, o] = \alpha_1 N(x_t W) + \alpha_2 N(h_{t-1} U) + b$;
    $c_t = \sigma(f) c_{t-1} + \sigma(i) \tanh(g)$;
    $h_t = \sigma(o) \tanh(\alpha_3 N(c_t) + \beta_3)$;
    $N(z) = (z - \bar z) / \sqrt{\mathrm{var}(z) + \epsilon}$ over the
    features of one example, the four gates together.

    The carry $c_t$ itself is passed on without normalization. The shifts
    $\beta_1$ and $\beta_2$ of the paper are part of $b$: only their sum
    matters.

    Weights: kernel $W$ (features, 4 * units), recurrent kernel $U$ (units,
    4 * units), the gains $\alpha$, and the shifts $b$ and $\beta_3$.

    Masking: the layer that runs the cell keeps the states where the mask is
    False.

    Args:
      units: int; size of each of the two states.
      activation: function used in place of tanh.
      recurrent_activation: function used in place of $\sigma$.
      unit_forget_bias: whether to add 1 to the initial $b$ of the forget gate.
      epsilon: float $\epsilon$, against division by zero.
      **kwargs: see `BaseCell`; `use_bias` and `bias_initializer` apply to
        both shifts.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list $[h, c]$ of float tensors (batch, units).

    Returns:
      (output, [h, c]), float tensors (batch, units); the output is $h_t$.

    Raises:
      ValueError: `units` is not positive.

    Example:
      >>> RNN(LayerNormLSTMCell(4))(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Ba, Kiros & Hinton, Layer Normalization, 2016.
    """

    blocks = 4
    state_count = 2

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        *,
        unit_forget_bias=True,
        epsilon=1e-5,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.activation = keras.activations.get(activation)
        self.recurrent_activation = keras.activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.epsilon = epsilon

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
        normalized = self._norm(c, self.carry_gain, self.carry_shift)
        h = o * self.activation(normalized)
        return h, [h, c]

    def _norm(self, x, gain, shift=None):
        return ops.layer_normalization(x, gain, shift, epsilon=self.epsilon)

    def build(self, input_shape):
        self.add_kernels(input_shape[-1], self.units)
        gates, units = (4 * self.units,), (self.units,)
        self.kernel_gain = self.add_weight(gates, "ones", name="kernel_gain")
        self.recurrent_gain = self.add_weight(
            gates, "ones", name="recurrent_gain"
        )
        self.carry_gain = self.add_weight(units, "ones", name="carry_gain")
        self.add_bias()
        self.carry_shift = None
        if self.use_bias:
            self.carry_shift = self.add_weight(
                units, self.bias_initializer, name="carry_shift"
            )

    def initial_bias(self, shape, dtype=None):
        forget = float(self.unit_forget_bias)
        added = ops.repeat(ops.array([0, forget, 0, 0], dtype), self.units)
        return super().initial_bias(shape, dtype) + added
