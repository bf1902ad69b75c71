"""A recurrent cell with several highway layers in each step."""

import keras
from keras import ops

from common.layers.cells import base_cell


@keras.saving.register_keras_serializable("unroll")
class RecurrentHighwayCell(base_cell.BaseCell):
    r"""A deep step: a stack of highway layers with weights shared over time.

    For $l = 1 \dots L$, with $s_0$ the state of the previous step:
    $[a_l, g_l] = [l = 1] x_t W + s_{l-1} R_l + b_l$;
    $t_l = \sigma(g_l)$;
    $s_l = t_l f(a_l) + (1 - t_l) s_{l-1}$;
    the output and new state is $s_L$.

    The carry gate is coupled to the transform gate, $1 - t_l$, as in the
    experiments of the paper.

    Masking: the layer that runs the cell keeps the state where the mask is
    False.

    Args:
      units: int; size of the state.
      depth: int $L$; number of highway layers in a step.
      activation: the function $f$.
      transform_bias: float; initial bias of all transform gates. Below zero,
        the layers at first carry their input.
      kernel_initializer: initializer of $W$ (features, 2 * units).
      recurrent_initializer: initializer of each $R_l$ (units, 2 * units).
      **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of one float tensor (batch, units).

    Returns:
      (output, [state]); both are $s_L$, float tensors (batch, units).

    Raises:
      ValueError: `units` or `depth` is not positive.

    Example:
      >>> cell = RecurrentHighwayCell(4, depth=2)
      >>> RNN(cell)(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Zilly, Srivastava, Koutnik & Schmidhuber, Recurrent Highway
    Networks, 2017.
    """

    blocks = 2

    def __init__(
        self, units, depth=3, activation="tanh", transform_bias=-2.0, **kwargs
    ):
        # The biases are fixed: their arguments in kwargs are an error.
        super().__init__(
            units, use_bias=True, bias_initializer="zeros", **kwargs
        )
        if depth < 1:
            raise ValueError(f"depth={depth}: use at least one layer.")
        self.depth = depth
        self.activation = keras.activations.get(activation)
        self.transform_bias = transform_bias

    def call(self, inputs, states, training=False):
        state = states[0]
        projection = ops.matmul(inputs, self.kernel)
        for kernel, bias in zip(
            self.recurrent_kernels, self.biases, strict=True
        ):
            total = projection + ops.matmul(state, kernel) + bias
            value, gate = ops.split(total, 2, axis=-1)
            value = self.activation(value)
            state = state + ops.sigmoid(gate) * (value - state)
            projection = 0  # Only the first layer reads the input.
        return state, [state]

    def build(self, input_shape):
        width = 2 * self.units
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], width),
            initializer=self.kernel_initializer,
        )
        self.recurrent_kernels = [
            self.add_weight(
                name=f"recurrent_kernel_{i}",
                shape=(self.units, width),
                initializer=self.recurrent_initializer,
            )
            for i in range(self.depth)
        ]
        self.biases = [
            self.add_weight(
                name=f"bias_{i}", shape=(width,), initializer=self.initial_bias
            )
            for i in range(self.depth)
        ]

    def initial_bias(self, shape, dtype=None):
        transform = ops.full((self.units,), self.transform_bias, dtype)
        return ops.concatenate([ops.zeros_like(transform), transform])
