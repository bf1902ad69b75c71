"""LayerNormLSTMCell: the inputs of the gates are normalized."""

import keras
import numpy as np

from common import layers

INPUTS = np.array([[[1.0, 0.5], [-2.0, 3.0]]], "f4")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def normalize(x):
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5)


def test_two_steps_by_hand():
    cell = layers.LayerNormLSTMCell(2)
    states = keras.layers.RNN(cell, return_sequences=True)
    states.build(INPUTS.shape)
    rng = np.random.default_rng(0)
    shapes = [w.shape for w in cell.weights]
    weights = [rng.normal(size=shape) for shape in shapes]
    cell.set_weights(weights)
    w, u, gain_x, gain_h, gain_c, b, shift_c = weights
    h, c, expected = np.zeros(2), np.zeros(2), []
    for x in INPUTS[0]:
        gates = gain_x * normalize(x @ w) + gain_h * normalize(h @ u) + b
        i, f, g, o = gates[:2], gates[2:4], gates[4:6], gates[6:]
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(gain_c * normalize(c) + shift_c)
        expected.append(h)
    np.testing.assert_allclose(states(INPUTS), [expected], rtol=1e-4)


def test_outputs_do_not_depend_on_the_scale_of_the_inputs():
    cell = layers.LayerNormLSTMCell(5)
    zeros = cell.get_initial_state(1)
    small, _ = cell(INPUTS[:, 0], zeros)
    large, _ = cell(1000 * INPUTS[:, 0], zeros)
    np.testing.assert_allclose(small, large, atol=1e-3)


def test_the_initial_bias_of_the_forget_gate_is_one():
    cell = layers.LayerNormLSTMCell(2)
    cell.build((None, 3))
    np.testing.assert_array_equal(cell.bias, [0, 0, 1, 1, 0, 0, 0, 0])
    cell = layers.LayerNormLSTMCell(2, unit_forget_bias=False)
    cell.build((None, 3))
    np.testing.assert_array_equal(cell.bias, np.zeros(8))


def test_without_shifts_it_has_five_weights():
    cell = layers.LayerNormLSTMCell(2, use_bias=False)
    output, _ = cell(INPUTS[:, 0], cell.get_initial_state(1))
    assert len(cell.weights) == 5
    assert np.isfinite(output).all()
