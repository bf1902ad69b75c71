"""Peephole, CIFG and updating GRU cells: literal numbers and errors."""

import keras
import numpy as np
import pytest

from common import layers

INPUTS = np.array([[[0.5], [-0.25]]], "f4")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def run(cell, weight=1.0):
    """Returns the outputs of two steps with all weights the same."""
    rnn = layers.RNN(cell, return_sequences=True)
    rnn.build(INPUTS.shape)
    rnn.set_weights([np.full(w.shape, weight) for w in rnn.weights])
    return rnn(INPUTS).numpy().ravel()


def test_gates_read_the_memory_through_peepholes():
    h = c = 0
    expected = []
    for x in INPUTS.ravel():
        gate = sigmoid(x + h + c + 1)
        c = gate * c + gate * np.tanh(x + h + 1)
        h = sigmoid(x + h + c + 1) * np.tanh(c)
        expected.append(h)
    outputs = run(layers.PeepholeLSTMCell(1))
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


def test_the_forget_gate_also_controls_the_input():
    h = c = 0
    expected = []
    for x in INPUTS.ravel():
        gate = sigmoid(x + h + 1)
        c = gate * c + (1 - gate) * np.tanh(x + h + 1)
        h = gate * np.tanh(c)
        expected.append(h)
    outputs = run(layers.CIFGLSTMCell(1))
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


@pytest.mark.parametrize("reset_after", [False, True])
def test_the_update_gate_is_the_weight_of_the_candidate(reset_after):
    h = 0
    expected = []
    for x in INPUTS.ravel():
        gate = sigmoid(x + h + 1 + reset_after)
        inner = gate * (h + 1) if reset_after else gate * h
        h = (1 - gate) * h + gate * np.tanh(x + 1 + inner)
        expected.append(h)
    outputs = run(layers.UpdatingGRUCell(1, reset_after))
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


def test_flipped_weights_convert_between_gru_conventions():
    keeps = layers.GRU(4, reset_after=False, return_sequences=True)
    updates = layers.RNN(layers.UpdatingGRUCell(4), return_sequences=True)
    for layer in keeps, updates:
        layer.build(INPUTS.shape)
    keeps.set_weights([w + 0.3 for w in keeps.get_weights()])
    flipped = layers.convert.gru_flip_update_gate(keeps.get_weights())
    updates.set_weights(flipped)
    np.testing.assert_allclose(keeps(INPUTS), updates(INPUTS), atol=1e-6)


@pytest.mark.parametrize(
    ("cell", "gate"),
    [(layers.PeepholeLSTMCell, 1), (layers.CIFGLSTMCell, 0)],
)
def test_unit_forget_bias_initializes_the_bias_of_the_forget_gate(cell, gate):
    for unit_forget_bias in True, False:
        built = cell(3, unit_forget_bias=unit_forget_bias)
        built.build((None, 2))
        bias = built.bias.numpy().reshape(-1, 3)
        assert (bias[gate] == unit_forget_bias).all()
        assert not np.delete(bias, gate, 0).any()


@pytest.mark.parametrize(
    "cell",
    [
        layers.PeepholeLSTMCell,
        layers.CIFGLSTMCell,
        layers.UpdatingGRUCell,
        layers.NASCell,
        layers.LayerNormLSTMCell,
    ],
)
def test_zero_units_raise(cell):
    with pytest.raises(ValueError, match="units=0"):
        cell(0)


def test_other_cells_run_as_in_keras():
    cell = keras.layers.StackedRNNCells([keras.layers.LSTMCell(3)])
    ours, stock = layers.RNN(cell), keras.layers.RNN(cell)
    assert ours.recurrence_program() is None
    np.testing.assert_array_equal(ours(INPUTS), stock(INPUTS))
