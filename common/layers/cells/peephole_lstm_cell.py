"""An LSTM whose gates read the memory cell."""

import dataclasses

import keras
import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine.recurrence import Recurrence
from common.layers.cells import base_cell


@dataclasses.dataclass(frozen=True)
class PeepholeRecurrence(Recurrence):
    """The step of an LSTM with peepholes.

    Weights: [recurrent kernel (units, 4 * units), peepholes (3, units)].
    """

    saved_count = 4
    backward_states = (1,)
    delta_groups = ((0, 1, 2, 3),)

    def step(self, inputs, states, weights):
        (h, c), (kernel, peepholes) = states, weights
        i, f, g, o = tf.split(inputs + h @ kernel, 4, -1)
        i = tf.sigmoid(i + peepholes[0] * c)
        f = tf.sigmoid(f + peepholes[1] * c)
        g = tf.tanh(g)
        c = f * c + i * g
        o = tf.sigmoid(o + peepholes[2] * c)
        return [o * tf.tanh(c), c], [i, f, g, o]

    def backward_step(self, gradients, before, after, saved, weights):
        (dh, dc), (_, c_before), (_, c) = gradients, before, after
        (i, f, g, o), (kernel, peepholes) = saved, weights
        tanh_c = tf.tanh(c)
        do = dh * tanh_c * o * (1 - o)
        dc += dh * o * (1 - tanh_c * tanh_c) + do * peepholes[2]
        di = dc * g * i * (1 - i)
        df = dc * c_before * f * (1 - f)
        deltas = [di, df, dc * i * (1 - g * g), do]
        dc = dc * f + di * peepholes[0] + df * peepholes[1]
        return deltas, [algebra.sum_of_products(deltas, kernel), dc]

    def weight_gradients(self, before, after, saved, deltas):
        i, f, _, o = tf.split(deltas[0], 4, -1)
        peepholes = [i * before[1], f * before[1], o * after[1]]
        return [
            algebra.kernel_gradient(before[0], deltas[0]),
            tf.stack([tf.reduce_sum(d, [0, 1]) for d in peepholes]),
        ]


@keras.saving.register_keras_serializable("unroll")
class PeepholeLSTMCell(base_cell.ForgetGateCell):
    r"""An LSTM cell with peephole connections.

    $i_t = \sigma(W_i x_t + U_i h_{t-1} + p_i \odot c_{t-1} + b_i)$,
    $f_t = \sigma(W_f x_t + U_f h_{t-1} + p_f \odot c_{t-1} + b_f)$,
    $g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)$,
    $c_t = f_t \odot c_{t-1} + i_t \odot g_t$,
    $o_t = \sigma(W_o x_t + U_o h_{t-1} + p_o \odot c_t + b_o)$,
    $h_t = o_t \odot \tanh(c_t)$.

    Weights: kernel (features, 4 * units), recurrent kernel (units, 4 * units),
    bias (4 * units,) of i, f, g, o; peepholes (3, units) of i, f, o.

    Masking: the layer that runs the cell keeps the states where the mask is
    False.

    Args:
      units: int; size of h and c.
      unit_forget_bias: whether the bias of f is initialized to 1 (Jozefowicz
        et al. 2015).
      **kwargs: see `BaseCell`.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of h and c, (batch, units) each.

    Returns:
      h (batch, units), and the list of the next h and c.

    Raises:
      ValueError: `units` is not positive.

    Example:
      >>> RNN(PeepholeLSTMCell(8))(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 8])

    Reference: Gers & Schmidhuber, Recurrent Nets that Time and Count, 2000.
    """

    blocks = 4
    forget_block = 1
    recurrence = PeepholeRecurrence()

    def build(self, input_shape):
        super().build(input_shape)
        self.peepholes = self.add_weight(
            shape=(3, self.units), initializer="zeros", name="peepholes"
        )

    def recurrent_weights(self):
        return [self.recurrent_kernel, self.peepholes]
