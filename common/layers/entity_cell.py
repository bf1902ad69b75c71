"""The cell of a recurrent entity network: a gated memory of keys and values."""

import dataclasses

import keras
import tensorflow as tf

from common.layers import planned_cell
from common.layers import recurrence

TINY = 1e-12  # Added to the squared length of a memory.


@dataclasses.dataclass(frozen=True)
class EntityRecurrence(recurrence.Recurrence):
    """Inputs: s, and W s. One state, the values (batch, slots * units).

    Weights: [U (units, units), V w + b and keys w (slots, units) both, slope
    (units,)].
    """

    slots: int
    units: int

    saves = 4
    reads = (0,)
    # Of s and of W s; of what the rectifier is applied to; of what the gates
    # are; of the slope.
    deltas = ((0, 1), (2,), (3,), (4,))

    def widths(self, units):
        size = self.units
        return [units, self.slots, self.slots, size], [
            2 * size,
            units,
            self.slots,
            size,
        ]

    def step(self, inputs, states, weights):
        kernel, biases, keys, slope = weights
        values = self._by_slot(states[0])
        s, ws = tf.split(inputs, 2, -1)
        gates = tf.sigmoid(tf.reduce_sum(s[:, None] * (values + keys), -1))
        before = _product(values, kernel) + biases + ws[:, None]
        moved = values + gates[..., None] * _rectified(before, slope)
        scale = tf.math.rsqrt(tf.reduce_sum(moved * moved, -1) + TINY)
        after = self._flat(moved * scale[..., None])
        return [after], [self._flat(before), gates, scale, s]

    def back(self, gradients, before, after, saved, weights):
        (transposed,), _, keys, slope = weights
        values, after = self._by_slot(before[0]), self._by_slot(after[0])
        inner, gates, scale, s = saved
        inner, d_after = self._by_slot(inner), self._by_slot(gradients[0])
        # Of x / |x|: what would only make it longer is lost.
        along = tf.reduce_sum(after * d_after, -1, keepdims=True)
        d_moved = scale[..., None] * (d_after - along * after)
        candidate = _rectified(inner, slope)
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
            recurrence.kernel_gradient(
                tf.reshape(before[0], rows), tf.reshape(d_inner, rows)
            ),
            tf.reduce_sum(self._by_slot(d_inner), 0),
            recurrence.kernel_gradient(d_gates, saved[3]),
            tf.reduce_sum(d_slope, [0, 1]),
        ]

    def _by_slot(self, values):
        return tf.reshape(values, [-1, self.slots, self.units])

    def _flat(self, values):
        return tf.reshape(values, [-1, self.slots * self.units])


def _product(values, kernel):
    """Returns values (batch, slots, units) @ kernel, as one product."""
    flat = tf.reshape(values, [-1, values.shape[-1]]) @ kernel
    return tf.reshape(flat, [-1, *values.shape[1:]])


def _rectified(values, slope):
    return tf.maximum(values, 0) + slope * tf.minimum(values, 0)


@keras.saving.register_keras_serializable("unroll")
class EntityCell(planned_cell.PlannedCell):
    r"""A memory of slots, each of which takes from an input what concerns it.

    For each slot $j$ with its key $w_j$ and its value $h_j$, of an input $s$:
    $g_j = \sigma(s \cdot h_j + s \cdot w_j)$,
    $\tilde h_j = \phi(U h_j + V w_j + W s + b)$,
    $h_j \leftarrow (h_j + g_j \tilde h_j) / |h_j + g_j \tilde h_j|$,
    where $\phi$ is a rectifier with a learned slope below zero. At first,
    each value is its key.

    The input must be as wide as a value: their product opens the gate.

    In `layers.RNN` it trains with a gradient by hand.

    Weights: kernel W (units, units), recurrent kernel U (units, units), key
    kernel V (units, units), keys w (slots, units), bias b (units,), slope
    (units,).

    Args:
      units: int; size of a key, a value, and an input.
      slots: int; number of keys and values.
      **kwargs: as of `PlannedCell`.

    Call arguments:
      inputs: float tensor (batch, units).
      states: list of the values, (batch, slots * units).

    Returns:
      The next values (batch, slots * units), and a list of them.

    Raises:
      ValueError: `slots` is not positive; the input is not as wide as a
        value.

    Example:
      >>> RNN(EntityCell(8, slots=5))(keras.ops.zeros((4, 10, 8))).shape
      TensorShape([4, 40])

    Reference: Henaff et al., Tracking the World State with Recurrent Entity
    Networks, 2017.
    """

    blocks = 1

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
                f"Inputs of {input_shape[-1]} features: give as many as the "
                f"units, {self.units}."
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

    def plan(self):
        value = keras.ops.convert_to_tensor
        keys, kernel = value(self.keys), value(self.kernel)
        biases = keys @ value(self.key_kernel)
        if self.use_bias:
            biases += value(self.bias)
        # The gates read the inputs as they are.
        kernel = tf.concat([tf.eye(self.units, dtype=kernel.dtype), kernel], 1)
        weights = [value(self.recurrent_kernel), biases, keys]
        return self.recurrence, kernel, None, [*weights, value(self.slope)]

    def gates(self, inputs, values):
        """Returns how far each slot opened, (batch, time, slots).

        Args:
          inputs: (batch, time, units).
          values: what came out, (batch, time, slots * units).
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
