"""The simple recurrent network: keras.layers.SimpleRNN, faster."""

import dataclasses

import keras
import tensorflow as tf

from common.layers import hand_derived
from common.layers import recurrence

# Activations, and their derivatives as functions of what they returned.
ACTIVATIONS = {
    keras.activations.tanh: (tf.tanh, lambda h: 1 - h * h),
    keras.activations.relu: (tf.nn.relu, lambda h: tf.cast(h > 0, h.dtype)),
    keras.activations.sigmoid: (tf.sigmoid, lambda h: h * (1 - h)),
    keras.activations.linear: (tf.identity, tf.ones_like),
}


@dataclasses.dataclass(frozen=True)
class SimpleRecurrence(recurrence.Recurrence):
    """The step of a simple network; weights: [kernel (units, units)]."""

    activation: callable
    saves = 0
    reads = (0,)
    deltas = ((0,),)

    def step(self, inputs, states, weights):
        activate, _ = ACTIVATIONS[self.activation]
        return [activate(inputs + states[0] @ weights[0])], []

    def back(self, gradients, before, after, saved, weights):
        _, slope = ACTIVATIONS[self.activation]
        deltas = [gradients[0] * slope(after[0])]
        return deltas, [recurrence.product(deltas, weights[0])]

    def weight_gradients(self, before, after, saved, deltas):
        return [recurrence.kernel_gradient(before[0], deltas[0])]


@keras.saving.register_keras_serializable("unroll")
class SimpleRNN(hand_derived.HandDerived, keras.layers.SimpleRNN):
    r"""The simple recurrent network; a drop-in for Keras's SimpleRNN.

    $h_t = \phi(W x_t + U h_{t-1} + b)$.

    Backwards, $\delta_t = \bar h_t \odot \phi'$, where $\phi'$ follows from
    $h_t$ ($1 - h_t^2$ for tanh), $\bar h_{t-1} = U^\top \delta_t$, and over
    all steps $\bar U = \sum_t h_{t-1} \delta_t^\top$.

    Weights, their order and the configuration are those of
    `keras.layers.SimpleRNN`. The gradient by hand serves `training=True` in
    float32 and float64 with tanh, relu, sigmoid or no activation; otherwise
    the layer is Keras's own, as told at `LSTM`.

    Masking, weight_dropout, call arguments, returns and errors: as of `LSTM`,
    with the one state h.

    Args:
      *args, **kwargs: as of `keras.layers.SimpleRNN`.
      weight_dropout: float; as of `LSTM`.

    Example:
      >>> SimpleRNN(8)(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 8])

    Reference: Elman, Finding Structure in Time, 1990.
    """

    def plan(self):
        return plan(self.cell)


def plan(cell):
    """Returns the plan of a cell with the weights of SimpleRNNCell."""
    if cell.activation not in ACTIVATIONS:
        return None
    return hand_derived.plan(SimpleRecurrence(cell.activation), cell)
