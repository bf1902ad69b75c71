"""Long short-term memory: keras.layers.LSTM, faster."""

import dataclasses

import keras
import tensorflow as tf

from common.layers import hand_derived
from common.layers import recurrence


@dataclasses.dataclass(frozen=True)
class LSTMRecurrence(recurrence.Recurrence):
    """The step of an LSTM; weights: [recurrent kernel (units, 4 * units)]."""

    saves = 4
    reads = (1,)
    deltas = ((0, 1, 2, 3),)

    def step(self, inputs, states, weights):
        h, c = states
        i, f, g, o = tf.split(inputs + h @ weights[0], 4, -1)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        c = f * c + i * g
        return [o * tf.tanh(c), c], [i, f, g, o]

    def back(self, gradients, before, after, saved, weights):
        (dh, dc), (_, before), (_, after) = gradients, before, after
        i, f, g, o = saved
        shown = tf.tanh(after)
        dc += dh * o * (1 - shown * shown)
        deltas = [
            dc * g * i * (1 - i),
            dc * before * f * (1 - f),
            dc * i * (1 - g * g),
            dh * shown * o * (1 - o),
        ]
        return deltas, [recurrence.product(deltas, weights[0]), dc * f]

    def weight_gradients(self, before, after, saved, deltas):
        return [recurrence.kernel_gradient(before[0], deltas[0])]


@keras.saving.register_keras_serializable("unroll")
class LSTM(hand_derived.HandDerived, keras.layers.LSTM):
    r"""Long short-term memory with forget gate; a drop-in for Keras's LSTM.

    $(i, f, o)_t = \sigma(W x_t + U h_{t-1} + b)$,
    $g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)$,
    $c_t = f_t \odot c_{t-1} + i_t \odot g_t$,
    $h_t = o_t \odot \tanh(c_t)$.

    The gradient is backpropagation through time by hand. With
    $\bar h, \bar c$ for the gradients of the loss by what leaves step t,
    $\bar c \mathrel{+}= \bar h \odot o \odot (1 - \tanh^2 c_t)$, and by what
    the activations were applied to:
    $\delta_i = \bar c g i (1 - i)$, $\delta_f = \bar c c_{t-1} f (1 - f)$,
    $\delta_g = \bar c i (1 - g^2)$, $\delta_o = \bar h \tanh(c_t) o (1 - o)$.
    Then $\bar c_{t-1} = \bar c f$, $\bar h_{t-1} = U^\top \delta$, and over
    all steps $\bar U = \sum_t h_{t-1} \delta_t^\top$.

    Weights, their order and the configuration are those of
    `keras.layers.LSTM`: kernel (features, 4 * units) and recurrent kernel
    (units, 4 * units) of the gates i, f, g, o; bias (4 * units,).

    The gradient by hand serves `training=True` in float32 and float64 with
    the standard activations. Otherwise (other activations, recurrent_dropout,
    float16, bfloat16, `unroll`) the layer is Keras's own. Without `training`,
    it is plain TensorFlow ops, to be exported anywhere.

    Masking: a step whose mask is False leaves the states as they are; any
    mask will do, on a GPU, too. The output there is the last one before, or
    zeros with `zero_output_for_mask`.

    Args:
      *args, **kwargs: as of `keras.layers.LSTM`.
      weight_dropout: float; share of the recurrent kernel's entries that are
        zero in a training step (DropConnect, the "weight drop" of Merity et
        al. 2017).

    Call arguments:
      sequences: float tensor (batch, time, features).
      initial_state: list of h and c, (batch, units) each; zeros by default.
      mask: bool tensor (batch, time).
      training: bool.

    Returns:
      h (batch, units), with `return_sequences` (batch, time, units); with
      `return_state` followed by the last h and c, (batch, units) each.

    Raises:
      ValueError: `weight_dropout` in training where the layer is Keras's own.

    Example:
      >>> LSTM(8, return_sequences=True)(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 10, 8])

    Reference: Hochreiter & Schmidhuber, Long Short-Term Memory, 1997; Gers,
    Schmidhuber & Cummins, Learning to Forget, 2000.
    """

    def plan(self):
        return plan(self.cell)


def plan(cell):
    """Returns the plan of an LSTMCell; None if its activations are others."""
    if not hand_derived.standard(cell):
        return None
    return hand_derived.plan(LSTMRecurrence(), cell)
