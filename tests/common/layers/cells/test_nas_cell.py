"""NASCell: the cell that neural architecture search found."""

import keras
import numpy as np
import pytest

from common import layers


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(x, 0)


def step(p, q, c):
    """The tree of the paper, leaf by leaf, for one unit."""
    left = np.tanh(sigmoid(p[0] + q[0]) * relu(p[1] + q[1]))
    keep = np.tanh(sigmoid(p[2] + q[2]) + relu(p[3] * q[3]))
    value = np.tanh(np.tanh(p[4] + q[4]) * sigmoid(p[5] + q[5]))
    gate = sigmoid(np.tanh(p[6] + q[6]) + sigmoid(p[7] + q[7]))
    c = np.tanh(left + c) * keep
    return np.tanh(c * np.tanh(value + gate)), c


@pytest.mark.parametrize("bias", [0.0, 0.1])
def test_three_steps_by_hand(bias):
    cell = layers.NASCell(1, use_bias=bias > 0)
    states = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    states.build((1, 3, 1))
    kernel = np.linspace(-1, 1.5, 8)
    recurrent = np.linspace(2, -1, 8)[[3, 1, 7, 0, 5, 2, 4, 6]]
    cell.set_weights(
        [kernel[None], recurrent[None], *[np.full(8, bias)] * cell.use_bias]
    )
    h = c = 0
    expected = []
    for x in (1, -2, 3):
        h, c = step(x * kernel, h * recurrent + bias, c)
        expected.append([h])
    outputs, last_h, last_c = states(np.array([[[1], [-2], [3]]]))
    np.testing.assert_allclose(outputs, [expected], rtol=1e-5)
    np.testing.assert_allclose([last_h, last_c], [[[h]], [[c]]], rtol=1e-5)
