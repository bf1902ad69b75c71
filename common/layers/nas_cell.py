"""The recurrent cell that neural architecture search found for language."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("unroll")
class NASCell(keras.layers.Layer):
    r"""The cell that neural architecture search found on the Penn Treebank.

    Eight blocks read $p_i = x_t W_i$ and $q_i = h_{t-1} U_i + b_i$ and meet
    in a binary tree:

    $a_i = \sigma(p_i + q_i)$ for $i = 0, 2, 5, 7$;
    $a_i = \tanh(p_i + q_i)$ for $i = 4, 6$;
    $a_1 = \max(0, p_1 + q_1)$; $a_3 = \max(0, p_3 q_3)$;
    $c_t = \tanh(\tanh(a_0 a_1) + c_{t-1}) \tanh(a_2 + a_3)$;
    $h_t = \tanh(c_t \tanh(\tanh(a_4 a_5) + \sigma(a_6 + a_7)))$.

    The functions are part of what was found; they are no arguments.

    Masking: `keras.layers.RNN` keeps the states where the mask is False.

    Args:
      units: int; size of each of the two states.
      use_bias: whether there are $b_i$; the published cell has none.
      kernel_initializer: initializer of the joined $W$ (features, 8 * units).
      recurrent_initializer: initializer of the joined $U$ (units, 8 * units).
      bias_initializer: initializer of the joined $b$ (8 * units).

    Call arguments:
      inputs: float tensor (batch, features).
      states: list $[h, c]$ of float tensors (batch, units).

    Returns:
      (output, [h, c]), float tensors (batch, units); the output is $h_t$.

    Raises:
      ValueError: `units` is not positive.

    Example:
      >>> rnn = keras.layers.RNN(NASCell(4))
      >>> rnn(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Zoph & Le, Neural Architecture Search with Reinforcement
    Learning, 2017; the order of the blocks as in the authors' NASCell of
    TensorFlow 1.
    """

    def __init__(
        self,
        units,
        use_bias=False,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units={units}: use a positive number.")
        self.units = units
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer
        self.state_size = [units, units]
        self.output_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], 8 * self.units),
            initializer=self.kernel_initializer,
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel",
            shape=(self.units, 8 * self.units),
            initializer=self.recurrent_initializer,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(8 * self.units,),
                initializer=self.bias_initializer,
            )

    def call(self, inputs, states, training=False):
        h, c = states
        p = ops.matmul(inputs, self.kernel)
        q = ops.matmul(h, self.recurrent_kernel)
        if self.bias is not None:
            q += self.bias
        a = ops.split(p + q, 8, axis=-1)
        third = slice(3 * self.units, 4 * self.units)
        product = p[:, third] * q[:, third]
        write = ops.tanh(ops.sigmoid(a[0]) * ops.relu(a[1]))
        keep = ops.tanh(ops.sigmoid(a[2]) + ops.relu(product))
        show = ops.tanh(ops.tanh(a[4]) * ops.sigmoid(a[5]))
        show += ops.sigmoid(ops.tanh(a[6]) + ops.sigmoid(a[7]))
        c = ops.tanh(write + c) * keep
        h = ops.tanh(c * ops.tanh(show))
        return h, [h, c]

    def get_initial_state(self, batch_size=None):
        zeros = ops.zeros((batch_size, self.units), self.compute_dtype)
        return [zeros, zeros]
