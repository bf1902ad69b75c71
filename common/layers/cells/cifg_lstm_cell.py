"""An LSTM with coupled input and forget gates."""

import dataclasses

import keras
import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine.recurrence import Recurrence
from common.layers.cells import base_cell


@dataclasses.dataclass(frozen=True)
class CIFGRecurrence(Recurrence):
    """The step of a CIFG-LSTM; weights: [recurrent kernel (units, 3 units)]."""

    saved_count = 3
    backward_states = (1,)
    delta_groups = ((0, 1, 2),)

    def step(self, inputs, states, weights):
        h, c = states
        f, g, o = tf.split(inputs + h @ weights[0], 3, -1)
        f, g, o = tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        c = f * c + (1 - f) * g
        return [o * tf.tanh(c), c], [f, g, o]

    def backward_step(self, gradients, before, after, saved, weights):
        (dh, dc), (_, c_before), (_, c) = gradients, before, after
        f, g, o = saved
        tanh_c = tf.tanh(c)
        dc += dh * o * (1 - tanh_c * tanh_c)
        deltas = [
            dc * (c_before - g) * f * (1 - f),
            dc * (1 - f) * (1 - g * g),
            dh * tanh_c * o * (1 - o),
        ]
        return deltas, [algebra.sum_of_products(deltas, weights[0]), dc * f]

    def weight_gradients(self, before, after, saved, deltas):
        return [algebra.kernel_gradient(before[0], deltas[0])]


@keras.saving.register_keras_serializable("unroll")
class CIFGLSTMCell(base_cell.ForgetGateCell):
    r"""An LSTM cell with coupled input and forget gates.

    $(f, o)_t = \sigma(W x_t + U h_{t-1} + b)$,
    $g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)$,
    $c_t = f_t \odot c_{t-1} + (1 - f_t) \odot g_t$,
    $h_t = o_t \odot \tanh(c_t)$.

    Weights: kernel (features, 3 * units), recurrent kernel (units, 3 * units),
    bias (3 * units,) of f, g, o: three quarters of an LSTM's.

    Masking: the layer that runs the cell keeps the states where the mask is
    False.

    Args:
      units: int; size of h and c.
      unit_forget_bias: whether the bias of f is initialized to 1.
      **kwargs: see `BaseCell`.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of h and c, (batch, units) each.

    Returns:
      h (batch, units), and the list of the next h and c.

    Raises:
      ValueError: `units` is not positive.

    Example:
      >>> RNN(CIFGLSTMCell(8))(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 8])

    Reference: Greff et al., LSTM: A Search Space Odyssey, 2015.
    """

    blocks = 3
    forget_block = 0
    recurrence = CIFGRecurrence()
