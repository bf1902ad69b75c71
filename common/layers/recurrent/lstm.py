"""Long short-term memory: keras.layers.LSTM, faster."""

import dataclasses

import keras
import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine import custom_gradient
from common.layers._engine.recurrence import Recurrence
from common.layers._engine.recurrence import RecurrenceProgram


@dataclasses.dataclass(frozen=True)
class LSTMRecurrence(Recurrence):
    """The step of an LSTM; weights: [recurrent kernel (units, 4 * units)]."""

    saved_count = 4
    backward_states = (1,)
    delta_groups = ((0, 1, 2, 3),)

    def step(self, inputs, states, weights):
        h, c = states
        i, f, g, o = tf.split(inputs + h @ weights[0], 4, -1)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        c = f * c + i * g
        return [o * tf.tanh(c), c], [i, f, g, o]

    def backward_step(self, gradients, before, after, saved, weights):
        (dh, dc), (_, c_before), (_, c) = gradients, before, after
        i, f, g, o = saved
        tanh_c = tf.tanh(c)
        dc += dh * o * (1 - tanh_c * tanh_c)
        deltas = [
            dc * g * i * (1 - i),
            dc * c_before * f * (1 - f),
            dc * i * (1 - g * g),
            dh * tanh_c * o * (1 - o),
        ]
        return deltas, [algebra.sum_of_products(deltas, weights[0]), dc * f]

    def weight_gradients(self, before, after, saved, deltas):
        return [algebra.kernel_gradient(before[0], deltas[0])]


def lstm_program(cell: keras.layers.LSTMCell) -> RecurrenceProgram | None:
    """Returns the program of an LSTMCell; None with other activations."""
    if not custom_gradient.has_standard_activations(cell):
        return None
    return RecurrenceProgram.from_cell(LSTMRecurrence(), cell)


@keras.saving.register_keras_serializable("unroll")
class LSTM(custom_gradient.CustomGradientRNN, keras.layers.LSTM):
    r"""Long short-term memory with forget gate; a drop-in for Keras's LSTM.

    $(i, f, o)_t = \sigma(W x_t + U h_{t-1} + b)$,
    $g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)$,
    $c_t = f_t \odot c_{t-1} + i_t \odot g_t$,
    $h_t = o_t \odot \tanh(c_t)$.

    The gradient is backpropagation through time, derived by hand. With
    $\bar h, \bar c$ for the gradients of the loss with respect to the states
    after step t, $\bar c \mathrel{+}= \bar h \odot o \odot (1 - \tanh^2 c_t)$,
    and with respect to the pre-activations
    $\delta_i = \bar c g i (1 - i)$, $\delta_f = \bar c c_{t-1} f (1 - f)$,
    $\delta_g = \bar c i (1 - g^2)$, $\delta_o = \bar h \tanh(c_t) o (1 - o)$.
    Then $\bar c_{t-1} = \bar c f$, $\bar h_{t-1} = U^\top \delta$, and over
    all steps $\bar U = \sum_t h_{t-1} \delta_t^\top$.

    Weights, their order and the configuration are those of
    `keras.layers.LSTM`: kernel (features, 4 * units) and recurrent kernel
    (units, 4 * units) of the gates i, f, g, o; bias (4 * units,).

    The custom gradient is used with `training=True`, and in any call in which
    a gradient tape watches the weights, in float32 and float64 with the
    standard activations. With other activations, recurrent_dropout, float16,
    bfloat16 or `unroll`, the layer runs Keras's implementation. Otherwise it
    runs plain TensorFlow ops, which export anywhere. A `tf.function` around
    the layer keeps what it was traced with: pass `training=True` if its first
    call is outside of the tape. Derivatives of any order equal Keras's.

    Masking: a step whose mask is False keeps the states; any mask works, on a
    GPU too. The output of such a step repeats the previous output, or is zero
    with `zero_output_for_mask`. What it holds, NaN included, has no influence
    on outputs and gradients.

    Args:
      units: int; size of h and c.
      **kwargs: those of `keras.layers.LSTM`, in its order.
      weight_dropout: float; fraction of the entries of the recurrent kernel
        that are zeroed in a training step (DropConnect, the "weight drop" of
        Merity et al. 2017).

    Call arguments:
      sequences: tensor (batch, time, features) of at least one step; cast to
        the dtype of the cell.
      initial_state: list of h and c, (batch, units) each; zeros by default.
      mask: bool tensor (batch, time) or (batch, time, 1).
      training: bool.

    Returns:
      h (batch, units), with `return_sequences` (batch, time, units); with
      `return_state` followed by the last h and c, (batch, units) each.

    Raises:
      ValueError: `weight_dropout` is outside [0, 1), or is used in training
        where the layer runs Keras's implementation; the sequences have no
        steps.
      InvalidArgumentError: in a graph that does not know these sizes, the
        sequences have no steps, or another batch size than the states of a
        stateful layer or `initial_state`.

    Example:
      >>> LSTM(8, return_sequences=True)(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 10, 8])

    Reference: Hochreiter & Schmidhuber, Long Short-Term Memory, 1997; Gers,
    Schmidhuber & Cummins, Learning to Forget, 2000.
    """

    __init__ = custom_gradient.constructor(keras.layers.LSTM)

    def recurrence_program(self):
        return lstm_program(self.cell)
