"""The simple recurrent network: keras.layers.SimpleRNN, faster."""

import dataclasses
from collections.abc import Callable

import keras
import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine import custom_gradient
from common.layers._engine.recurrence import Recurrence
from common.layers._engine.recurrence import RecurrenceProgram

# Activations, and their derivatives as functions of the activations' outputs.
ACTIVATIONS = {
    keras.activations.tanh: (tf.tanh, lambda h: 1 - h * h),
    keras.activations.relu: (tf.nn.relu, lambda h: tf.cast(h > 0, h.dtype)),
    keras.activations.sigmoid: (tf.sigmoid, lambda h: h * (1 - h)),
    keras.activations.linear: (tf.identity, tf.ones_like),
}


@dataclasses.dataclass(frozen=True)
class SimpleRecurrence(Recurrence):
    """The step of a simple network; weights: [kernel (units, units)]."""

    activation: Callable
    saved_count = 0
    backward_states = (0,)
    delta_groups = ((0,),)

    def step(self, inputs, states, weights):
        activate, _ = ACTIVATIONS[self.activation]
        return [activate(inputs + states[0] @ weights[0])], []

    def backward_step(self, gradients, before, after, saved, weights):
        _, derivative = ACTIVATIONS[self.activation]
        deltas = [gradients[0] * derivative(after[0])]
        return deltas, [algebra.sum_of_products(deltas, weights[0])]

    def weight_gradients(self, before, after, saved, deltas):
        return [algebra.kernel_gradient(before[0], deltas[0])]


def simple_program(
    cell: keras.layers.SimpleRNNCell,
) -> RecurrenceProgram | None:
    """Returns the program of a SimpleRNNCell; None with other activations."""
    if cell.activation not in ACTIVATIONS:
        return None
    return RecurrenceProgram.from_cell(SimpleRecurrence(cell.activation), cell)


@keras.saving.register_keras_serializable("unroll")
class SimpleRNN(custom_gradient.CustomGradientRNN, keras.layers.SimpleRNN):
    r"""The simple recurrent network; a drop-in for Keras's SimpleRNN.

    $h_t = \phi(W x_t + U h_{t-1} + b)$.

    Backward, $\delta_t = \bar h_t \odot \phi'$, where $\phi'$ is computed from
    $h_t$ ($1 - h_t^2$ for tanh), $\bar h_{t-1} = U^\top \delta_t$, and over
    all steps $\bar U = \sum_t h_{t-1} \delta_t^\top$.

    Weights, their order and the configuration are those of
    `keras.layers.SimpleRNN`. The custom gradient works in float32 and
    float64 with tanh, relu, sigmoid or no activation; see `LSTM` for when it
    is used, and when Keras's implementation runs.

    Masking, weight_dropout, call arguments, returns and errors: see `LSTM`;
    there is one state, h.

    Args:
      units: int; size of h.
      **kwargs: those of `keras.layers.SimpleRNN`, in its order.
      weight_dropout: float; see `LSTM`.

    Example:
      >>> SimpleRNN(8)(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 8])

    Reference: Elman, Finding Structure in Time, 1990.
    """

    __init__ = custom_gradient.constructor(keras.layers.SimpleRNN)

    def recurrence_program(self):
        return simple_program(self.cell)
