"""The recurrent cell that neural architecture search found for language."""

import keras
from keras import ops

from common.layers.cells import base_cell


@keras.saving.register_keras_serializable("unroll")
class NASCell(base_cell.BaseCell):
    r"""The cell that neural architecture search found on the Penn Treebank.

    Eight blocks read $p_i = x_t W_i$ and $q_i = h_{t-1} U_i + b_i$ and are
    combined in a binary tree:

    $a_i = \sigma(p_i + q_i)$ for $i = 0, 2, 5, 7$;
    $a_i = \tanh(p_i + q_i)$ for $i = 4, 6$;
    $a_1 = \max(0, p_1 + q_1)$; $a_3 = \max(0, p_3 q_3)$;
    $c_t = \tanh(\tanh(a_0 a_1) + c_{t-1}) \tanh(a_2 + a_3)$;
    $h_t = \tanh(c_t \tanh(\tanh(a_4 a_5) + \sigma(a_6 + a_7)))$.

    The activations are part of the search result, hence not arguments.

    Masking: the layer that runs the cell keeps the states where the mask is
    False.

    Args:
      units: int; size of each of the two states.
      use_bias: whether there are $b_i$; the published cell has none.
      **kwargs: see `BaseCell`; the kernels hold the eight blocks.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list $[h, c]$ of float tensors (batch, units).

    Returns:
      (output, [h, c]), float tensors (batch, units); the output is $h_t$.

    Raises:
      ValueError: `units` is not positive.

    Example:
      >>> RNN(NASCell(4))(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Zoph & Le, Neural Architecture Search with Reinforcement
    Learning, 2017; the order of the blocks as in the authors' NASCell of
    TensorFlow 1.
    """

    blocks = 8
    state_count = 2

    def __init__(self, units, use_bias=False, **kwargs):
        super().__init__(units, use_bias, **kwargs)

    def call(self, inputs, states, training=False):
        h, c = states
        p = ops.matmul(inputs, self.kernel)
        q = ops.matmul(h, self.recurrent_kernel)
        if self.bias is not None:
            q += self.bias
        a = ops.split(p + q, 8, axis=-1)
        block_3 = slice(3 * self.units, 4 * self.units)
        product = p[:, block_3] * q[:, block_3]
        write = ops.tanh(ops.sigmoid(a[0]) * ops.relu(a[1]))
        keep = ops.tanh(ops.sigmoid(a[2]) + ops.relu(product))
        output = ops.tanh(ops.tanh(a[4]) * ops.sigmoid(a[5]))
        output += ops.sigmoid(ops.tanh(a[6]) + ops.sigmoid(a[7]))
        c = ops.tanh(write + c) * keep
        h = ops.tanh(c * ops.tanh(output))
        return h, [h, c]
