"""Gated recurrent units: keras.layers.GRU, faster."""

import dataclasses

import keras
import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine import custom_gradient
from common.layers._engine.recurrence import Recurrence
from common.layers._engine.recurrence import RecurrenceProgram


@dataclasses.dataclass(frozen=True)
class GRURecurrence(Recurrence):
    """The step of a GRU whose reset gate is applied after the product.

    Weights: [recurrent kernel (units, 3 * units), recurrent bias of the
    candidate (units,)].

    Args:
      updates: whether the update gate is the weight of the new value (Chung
        et al. 2014), not of the old one (Cho et al. 2014).
    """

    updates: bool = False
    saved_count = 4
    backward_states = (0,)
    delta_groups = ((0, 1, 3), (2,))

    def step(self, inputs, states, weights):
        h, (kernel, bias) = states[0], weights
        gates, n = _split_gates(inputs)
        recurrent_gates, u = _split_gates(h @ kernel)
        z, r = tf.split(tf.sigmoid(gates + recurrent_gates), 2, -1)
        u += bias
        n = tf.tanh(n + r * u)
        return [interpolate(self, z, h, n)], [z, r, n, u]

    def backward_step(self, gradients, before, after, saved, weights):
        dh, h = gradients[0], before[0]
        z, r, n, u = saved
        carried, dz, dn = interpolation_gradients(self, dh, z, h, n)
        dr = dn * u * r * (1 - r)
        recurrent = [dz, dr, dn * r]
        dh = carried + algebra.sum_of_products(recurrent, weights[0])
        return [*recurrent, dn], [dh]

    def weight_gradients(self, before, after, saved, deltas):
        gates = deltas[0][..., : 2 * deltas[1].shape[-1]]
        kernels = [
            algebra.kernel_gradient(before[0], gates),
            algebra.kernel_gradient(before[0], deltas[1]),
        ]
        return [tf.concat(kernels, -1), tf.reduce_sum(deltas[1], [0, 1])]


@dataclasses.dataclass(frozen=True)
class ResetBeforeRecurrence(Recurrence):
    """The step of a GRU whose reset gate is applied before the product.

    Weights: [recurrent kernel of the gates (units, 2 * units), and of the
    candidate (units, units)]. Args: see `GRURecurrence`.
    """

    updates: bool = False
    kernel_count = 2
    saved_count = 3
    backward_states = (0,)
    delta_groups = ((0, 1, 2),)

    def step(self, inputs, states, weights):
        h, (gates, candidate) = states[0], weights
        zr, n = _split_gates(inputs)
        z, r = tf.split(tf.sigmoid(zr + h @ gates), 2, -1)
        n = tf.tanh(n + (r * h) @ candidate)
        return [interpolate(self, z, h, n)], [z, r, n]

    def backward_step(self, gradients, before, after, saved, weights):
        dh, h, (gates, candidate) = gradients[0], before[0], weights
        z, r, n = saved
        carried, dz, dn = interpolation_gradients(self, dh, z, h, n)
        d_reset = dn @ candidate
        dr = d_reset * h * r * (1 - r)
        dh = carried + d_reset * r + algebra.sum_of_products([dz, dr], gates)
        return [dz, dr, dn], [dh]

    def weight_gradients(self, before, after, saved, deltas):
        gates, candidate = _split_gates(deltas[0])
        r = saved[1]
        return [
            algebra.kernel_gradient(before[0], gates),
            algebra.kernel_gradient(r * before[0], candidate),
        ]

    def transpose_weights(self, weights):
        gates, candidate = map(tf.transpose, weights)
        return [tf.split(gates, 2), candidate]


def interpolate(recurrence, z, h, n):
    """Returns the new state from the update gate, old state and candidate."""
    return h + z * (n - h) if recurrence.updates else n + z * (h - n)


def interpolation_gradients(recurrence, dh, z, h, n):
    """Returns the gradient carried to h, and the deltas of z and n."""
    old, new = (1 - z, z) if recurrence.updates else (z, 1 - z)
    difference = n - h if recurrence.updates else h - n
    return dh * old, dh * difference * z * (1 - z), dh * new * (1 - n * n)


def _split_gates(blocks):
    """Splits blocks into those of z and r, and that of the candidate."""
    units = blocks.shape[-1] // 3
    return tf.split(blocks, [2 * units, units], -1)


def gru_program(
    cell: keras.layers.Layer, updates: bool = False
) -> RecurrenceProgram:
    """Returns the program of a cell with the weights of Keras's GRUCell."""
    if not cell.reset_after:
        kernel = cell.recurrent_kernel
        weights = [kernel[:, : 2 * cell.units], kernel[:, 2 * cell.units :]]
        recurrence = ResetBeforeRecurrence(updates)
        return RecurrenceProgram.from_cell(recurrence, cell, weights)
    program = RecurrenceProgram.from_cell(GRURecurrence(updates), cell)
    bias, candidate = program.bias, tf.zeros([cell.units], program.kernel.dtype)
    if bias is not None:  # (2, 3 * units): of the inputs, and of the states.
        gates, candidate = bias[1, : -cell.units], bias[1, -cell.units :]
        bias = bias[0] + tf.pad(gates, [[0, cell.units]])
    return program._replace(bias=bias, weights=[*program.weights, candidate])


def keras_gru_program(cell: keras.layers.GRUCell) -> RecurrenceProgram | None:
    """Returns the program of a GRUCell; None with other activations."""
    if not custom_gradient.has_standard_activations(cell):
        return None
    return gru_program(cell)


@keras.saving.register_keras_serializable("unroll")
class GRU(custom_gradient.CustomGradientRNN, keras.layers.GRU):
    r"""Gated recurrent units; a drop-in for Keras's GRU.

    $z_t = \sigma(W_z x_t + U_z h_{t-1} + b_z)$,
    $r_t = \sigma(W_r x_t + U_r h_{t-1} + b_r)$,
    $h_t = z_t \odot h_{t-1} + (1 - z_t) \odot n_t$, and with `reset_after`
    $n_t = \tanh(W_n x_t + b_n + r_t \odot (U_n h_{t-1} + b'_n))$, without it
    $n_t = \tanh(W_n x_t + b_n + U_n (r_t \odot h_{t-1}))$.

    Backward, $\delta_z = \bar h (h_{t-1} - n) z (1 - z)$,
    $\delta_n = \bar h (1 - z)(1 - n^2)$,
    $\delta_r = \delta_n (U_n h_{t-1} + b'_n) r (1 - r)$, and
    $\bar h_{t-1} = \bar h z + U_z^\top \delta_z + U_r^\top \delta_r +
    U_n^\top (\delta_n r)$; without `reset_after`
    $\delta_r = (U_n^\top \delta_n) h_{t-1} r (1 - r)$, and the last summand is
    $r \odot U_n^\top \delta_n$.

    Here the update gate is the weight of the old state. `UpdatingGRUCell` has
    the other convention; `convert.gru_flip_update_gate` converts between them.

    Weights, their order and the configuration are those of
    `keras.layers.GRU`: kernel (features, 3 * units) and recurrent kernel
    (units, 3 * units) of z, r, n; bias (2, 3 * units), or (3 * units,) without
    `reset_after`. See `LSTM` for when the custom gradient is used, and when
    Keras's implementation runs.

    Masking, weight_dropout, call arguments, returns and errors: see `LSTM`;
    there is one state, h.

    Args:
      units: int; size of h.
      **kwargs: those of `keras.layers.GRU`, in its order.
      weight_dropout: float; see `LSTM`.

    Example:
      >>> GRU(8, reset_after=False)(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 8])

    Reference: Cho et al., Learning Phrase Representations using RNN
    Encoder-Decoder, 2014; Chung et al., Empirical Evaluation of Gated
    Recurrent Neural Networks on Sequence Modeling, 2014.
    """

    __init__ = custom_gradient.constructor(keras.layers.GRU)

    def recurrence_program(self):
        return keras_gru_program(self.cell)
