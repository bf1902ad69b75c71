"""The cell of a recurrent entity network: a gated key-value memory."""

import dataclasses

import keras
import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine.recurrence import Recurrence
from common.layers._engine.recurrence import RecurrenceProgram
from common.layers.cells import base_cell

EPSILON = 1e-12  # Added to the squared length of a memory value.


@dataclasses.dataclass(frozen=True)
class EntityRecurrence(Recurrence):
    """The step of an entity memory; one state, (batch, slots * units).

    The projected inputs are s and W s. Weights: [U (units, units), V w + b
    and keys w (slots, units) both, slope (units,)].
    """

    slots: int
    units: int

    saved_count = 4
    backward_states = (0,)
    # Of s and W s; of the rectifier's input; of the gates; of the slope.
    delta_groups = ((0, 1), (2,), (3,), (4,))

    def step(self, inputs, states, weights):
        kernel, biases, keys, slope = weights
        values = self._by_slot(states[0])
        s, ws = tf.split(inputs, 2, -1)
        gates = tf.sigmoid(tf.reduce_sum(s[:, None] * (values + keys), -1))
        inner = _product(values, kernel) + biases + ws[:, None]
        moved = values + gates[..., None] * _rectify(inner, slope)
        scale = tf.math.rsqrt(tf.reduce_sum(moved * moved, -1) + EPSILON)
        after = self._flat(moved * scale[..., None])
        return [after], [self._flat(inner), gates, scale, s]

    def backward_step(self, gradients, before, after, saved, weights):
        (transposed,), _, keys, slope = weights
        values, after = self._by_slot(before[0]), self._by_slot(after[0])
        inner, gates, scale, s = saved
        inner, d_after = self._by_slot(inner), self._by_slot(gradients[0])
        # Normalization removes the component along the value.
        along = tf.reduce_sum(after * d_after, -1, keepdims=True)
        d_moved = scale[..., None] * (d_after - along * after)
        candidate = _rectify(inner, slope)
        d_gates = tf.reduce_sum(d_moved * candidate, -1) * gates * (1 - gates)
        d_candidate = gates[..., None] * d_moved
        d_inner = tf.where(inner > 0, d_candidate, slope * d_candidate)
        deltas = [
            tf.reduce_sum(d_gates[..., None] * (values + keys), 1),
            tf.reduce_sum(d_inner, 1),
            self._flat(d_inner),
            d_gates,
            tf.reduce_sum(d_candidate * tf.minimum(inner, 0), 1),
        ]
        d_values = d_moved + _product(d_inner, transposed)
        d_values += d_gates[..., None] * s[:, None]
        return deltas, [self._flat(d_values)]

    def weight_gradients(self, before, after, saved, deltas):
        _, d_inner, d_gates, d_slope = deltas
        rows = [1, -1, self.units]
        return [
            algebra.kernel_gradient(
                tf.reshape(before[0], rows), tf.reshape(d_inner, rows)
            ),
            tf.reduce_sum(self._by_slot(d_inner), 0),
            algebra.kernel_gradient(d_gates, saved[3]),
            tf.reduce_sum(d_slope, [0, 1]),
        ]

    def buffer_widths(self, units):
        saved = [units, self.slots, self.slots, self.units]
        return saved, [2 * self.units, units, self.slots, self.units]

    def _by_slot(self, values):
        return tf.reshape(values, [-1, self.slots, self.units])

    def _flat(self, values):
        return tf.reshape(values, [-1, self.slots * self.units])


def _product(values, kernel):
    """Returns values (batch, slots, units) @ kernel, as one product."""
    flat = tf.reshape(values, [-1, values.shape[-1]]) @ kernel
    return tf.reshape(flat, [-1, *values.shape[1:]])


def _rectify(values, slope):
    return tf.maximum(values, 0) + slope * tf.minimum(values, 0)


@keras.saving.register_keras_serializable("unroll")
class EntityCell(base_cell.CustomGradientCell):
    r"""A memory of slots, each updated by the inputs that match it.

    For each slot $j$ with key $w_j$ and value $h_j$, given an input $s$:
    $g_j = \sigma(s \cdot h_j + s \cdot w_j)$,
    $\tilde h_j = \phi(U h_j + V w_j + W s + b)$,
    $h_j \leftarrow (h_j + g_j \tilde h_j) / |h_j + g_j \tilde h_j|$,
    where $\phi$ is a rectifier with a learned slope below zero. The initial
    value of a slot is its key.

    Inputs and values have the same size: their product controls the gate.

    Weights: kernel W (units, units), recurrent kernel U (units, units), bias b
    (units,), key kernel V (units, units), keys w (slots, units), slope
    (units,).

    Masking: the layer that runs the cell keeps the state where the mask is
    False.

    Args:
      units: int; size of a key, a value, and an input.
      slots: int; number of keys and values.
      key_initializer: initializer of the keys.
      **kwargs: see `BaseCell`.

    Call arguments:
      inputs: float tensor (batch, units).
      states: list of the values, (batch, slots * units).

    Returns:
      The next values (batch, slots * units), and a list of them.

    Raises:
      ValueError: `units` or `slots` is not positive; inputs and values differ
        in size.

    Example:
      >>> RNN(EntityCell(8, slots=5))(keras.ops.zeros((4, 10, 8))).shape
      TensorShape([4, 40])

    Reference: Henaff et al., Tracking the World State with Recurrent Entity
    Networks, 2017.
    """

    def __init__(self, units, slots, key_initializer="normal", **kwargs):
        super().__init__(units, **kwargs)
        if slots < 1:
            raise ValueError(f"slots={slots}: use a positive number.")
        self.slots = slots
        self.key_initializer = key_initializer
        self.output_size = units * slots
        self.state_size = [units * slots]
        self.recurrence = EntityRecurrence(slots, units)

    def build(self, input_shape):
        if input_shape[-1] != self.units:
            raise ValueError(
                f"Inputs of {input_shape[-1]} features: the cell requires as "
                f"many as its units, {self.units}."
            )
        super().build(input_shape)
        self.key_kernel = self.add_weight(
            shape=(self.units, self.units),
            initializer=self.kernel_initializer,
            name="key_kernel",
        )
        self.keys = self.add_weight(
            shape=(self.slots, self.units),
            initializer=self.key_initializer,
            name="keys",
        )
        self.slope = self.add_weight(
            shape=(self.units,), initializer="ones", name="slope"
        )

    def recurrence_program(self):
        to_tensor = tf.convert_to_tensor
        keys, kernel = to_tensor(self.keys), to_tensor(self.kernel)
        biases = keys @ to_tensor(self.key_kernel)
        if self.use_bias:
            biases += to_tensor(self.bias)
        # The gates read the inputs unchanged.
        kernel = tf.concat([tf.eye(self.units, dtype=kernel.dtype), kernel], 1)
        weights = [
            to_tensor(self.recurrent_kernel),
            biases,
            keys,
            to_tensor(self.slope),
        ]
        return RecurrenceProgram(self.recurrence, kernel, None, weights)

    def gates(self, inputs, values):
        """Returns the gate of each slot at each step, (batch, time, slots).

        Args:
          inputs: (batch, time, units).
          values: (batch, time, slots * units); the outputs for these inputs.
        """
        shape = [tf.shape(inputs)[0], -1, self.slots, self.units]
        keys = keras.ops.convert_to_tensor(self.keys)
        first = tf.reshape(keys, [1, 1, -1])
        first = tf.repeat(first, tf.shape(inputs)[0], 0)
        before = tf.concat([first, values[:, :-1]], 1)
        before = tf.reshape(before, shape) + keys
        return tf.sigmoid(tf.reduce_sum(inputs[:, :, None] * before, -1))

    def get_initial_state(self, batch_size=None):
        keys = keras.ops.convert_to_tensor(self.keys)
        return [tf.repeat(tf.reshape(keys, [1, -1]), batch_size, 0)]
