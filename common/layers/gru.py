"""Gated recurrent units: keras.layers.GRU, faster."""

import dataclasses

import keras
import tensorflow as tf

from common.layers import hand_derived
from common.layers import recurrence


@dataclasses.dataclass(frozen=True)
class GRURecurrence(recurrence.Recurrence):
    """The step of a GRU whose reset gate acts after the product.

    Weights: [recurrent kernel (units, 3 * units), recurrent bias of the
    candidate (units,)].

    Args:
      updates: whether the update gate is the share of the new (Chung et al.
        2014), not of the old (Cho et al. 2014).
    """

    updates: bool = False
    saves = 4
    reads = (0,)
    deltas = ((0, 1, 3), (2,))

    def step(self, inputs, states, weights):
        h, (kernel, bias) = states[0], weights
        gates, n = _split_gates(inputs)
        inner, u = _split_gates(h @ kernel)
        z, r = tf.split(tf.sigmoid(gates + inner), 2, -1)
        u += bias
        n = tf.tanh(n + r * u)
        return [mix(self, z, h, n)], [z, r, n, u]

    def back(self, gradients, before, after, saved, weights):
        dh, h = gradients[0], before[0]
        z, r, n, u = saved
        kept, dz, dn = unmix(self, dh, z, h, n)
        dr = dn * u * r * (1 - r)
        inner = [dz, dr, dn * r]
        dh = kept + recurrence.product(inner, weights[0])
        return [*inner, dn], [dh]

    def weight_gradients(self, before, after, saved, deltas):
        gates = deltas[0][..., : 2 * deltas[1].shape[-1]]
        kernels = [
            recurrence.kernel_gradient(before[0], gates),
            recurrence.kernel_gradient(before[0], deltas[1]),
        ]
        return [tf.concat(kernels, -1), tf.reduce_sum(deltas[1], [0, 1])]


@dataclasses.dataclass(frozen=True)
class ResetBeforeRecurrence(recurrence.Recurrence):
    """The step of a GRU whose reset gate acts before the product.

    Weights: [recurrent kernel of the gates (units, 2 * units), and of the
    candidate (units, units)]. Args: as of GRURecurrence.
    """

    updates: bool = False
    kernels = 2
    saves = 3
    reads = (0,)
    deltas = ((0, 1, 2),)

    def step(self, inputs, states, weights):
        h, (gates, candidate) = states[0], weights
        zr, n = _split_gates(inputs)
        z, r = tf.split(tf.sigmoid(zr + h @ gates), 2, -1)
        n = tf.tanh(n + (r * h) @ candidate)
        return [mix(self, z, h, n)], [z, r, n]

    def back(self, gradients, before, after, saved, weights):
        dh, h, (gates, candidate) = gradients[0], before[0], weights
        z, r, n = saved
        kept, dz, dn = unmix(self, dh, z, h, n)
        inner = dn @ candidate
        dr = inner * h * r * (1 - r)
        dh = kept + inner * r + recurrence.product([dz, dr], gates)
        return [dz, dr, dn], [dh]

    def transpose(self, weights):
        gates, candidate = map(tf.transpose, weights)
        return [tf.split(gates, 2), candidate]

    def weight_gradients(self, before, after, saved, deltas):
        gates, candidate = _split_gates(deltas[0])
        reset = saved[1]
        return [
            recurrence.kernel_gradient(before[0], gates),
            recurrence.kernel_gradient(reset * before[0], candidate),
        ]


def mix(kind, z, h, n):
    """Returns the new state from the update gate, the old and the candidate."""
    return h + z * (n - h) if kind.updates else n + z * (h - n)


def unmix(kind, dh, z, h, n):
    """Returns the gradient that stays in h, and the deltas of z and n."""
    old, new = (1 - z, z) if kind.updates else (z, 1 - z)
    toward = n - h if kind.updates else h - n
    return dh * old, dh * toward * z * (1 - z), dh * new * (1 - n * n)


def _split_gates(blocks):
    """Returns what belongs to z and r, and what to the candidate."""
    units = blocks.shape[-1] // 3
    return tf.split(blocks, [2 * units, units], -1)


def plan(cell):
    """Returns the plan of a GRUCell; None if its activations are others."""
    return standard_plan(cell) if hand_derived.standard(cell) else None


def standard_plan(cell, updates=False):
    """Returns the plan of a cell with the weights of Keras's GRUCell."""
    if not cell.reset_after:
        kernel = cell.recurrent_kernel
        weights = [kernel[:, : 2 * cell.units], kernel[:, 2 * cell.units :]]
        return hand_derived.plan(ResetBeforeRecurrence(updates), cell, weights)
    kind, kernel, bias, weights = hand_derived.plan(
        GRURecurrence(updates), cell
    )
    inner = tf.zeros([cell.units], kernel.dtype)
    if bias is not None:  # (2, 3 * units): of the inputs, and within.
        gates, inner = bias[1, : -cell.units], bias[1, -cell.units :]
        bias = bias[0] + tf.pad(gates, [[0, cell.units]])
    return kind, kernel, bias, [*weights, inner]


@keras.saving.register_keras_serializable("unroll")
class GRU(hand_derived.HandDerived, keras.layers.GRU):
    r"""Gated recurrent units; a drop-in for Keras's GRU.

    $z_t = \sigma(W_z x_t + U_z h_{t-1} + b_z)$,
    $r_t = \sigma(W_r x_t + U_r h_{t-1} + b_r)$,
    $h_t = z_t \odot h_{t-1} + (1 - z_t) \odot n_t$, and with `reset_after`
    $n_t = \tanh(W_n x_t + b_n + r_t \odot (U_n h_{t-1} + b'_n))$, without it
    $n_t = \tanh(W_n x_t + b_n + U_n (r_t \odot h_{t-1}))$.

    Backwards, $\delta_z = \bar h (h_{t-1} - n) z (1 - z)$,
    $\delta_n = \bar h (1 - z)(1 - n^2)$,
    $\delta_r = \delta_n (U_n h_{t-1} + b'_n) r (1 - r)$, and
    $\bar h_{t-1} = \bar h z + U_z^\top \delta_z + U_r^\top \delta_r +
    U_n^\top (\delta_n r)$; before the product
    $\delta_r = (U_n^\top \delta_n) h_{t-1} r (1 - r)$, and the last summand is
    $r \odot U_n^\top \delta_n$.

    Here the update gate is the share that is kept. `UpdatingGRUCell` has the
    other convention; `convert.gru_flip_update_gate` leads from one to the
    other.

    Weights, their order and the configuration are those of
    `keras.layers.GRU`: kernel (features, 3 * units) and recurrent kernel
    (units, 3 * units) of z, r, n; bias (2, 3 * units), or (3 * units,) without
    `reset_after`. When the layer is Keras's own: as told at `LSTM`.

    Masking, weight_dropout, call arguments, returns and errors: as of `LSTM`,
    with the one state h.

    Args:
      *args, **kwargs: as of `keras.layers.GRU`.
      weight_dropout: float; as of `LSTM`.

    Example:
      >>> GRU(8, reset_after=False)(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 8])

    Reference: Cho et al., Learning Phrase Representations using RNN
    Encoder-Decoder, 2014; Chung et al., Empirical Evaluation of Gated
    Recurrent Neural Networks on Sequence Modeling, 2014.
    """

    def plan(self):
        return plan(self.cell)
