"""RecurrentHighwayCell: several highway layers in each step."""

import keras
import numpy as np
import pytest

from common import layers


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_two_steps_of_two_layers_by_hand():
    cell = layers.RecurrentHighwayCell(1, depth=2)
    states = keras.layers.RNN(cell, return_sequences=True)
    states.build((1, 2, 1))
    # Of each pair the first is for the value, the second for the gate.
    cell.kernel.assign([[0.5, 1.0]])
    for kernel, value in zip(cell.recurrent_kernels, ([[2, -1]], [[-3, 4]])):
        kernel.assign(value)
    for bias, value in zip(cell.biases, ([0.1, 0.2], [0.3, 0.4])):
        bias.assign(value)
    s, expected = 0, []
    for x in (1, -2):
        t = sigmoid(1.0 * x - 1 * s + 0.2)
        s = t * np.tanh(0.5 * x + 2 * s + 0.1) + (1 - t) * s
        t = sigmoid(4 * s + 0.4)
        s = t * np.tanh(-3 * s + 0.3) + (1 - t) * s
        expected.append([s])
    outputs = states(np.array([[[1], [-2]]]))
    np.testing.assert_allclose(outputs, [expected], rtol=1e-5)


def test_a_low_transform_bias_carries_the_state():
    cell = layers.RecurrentHighwayCell(3, depth=4, transform_bias=-50.0)
    before = np.array([[1, 2, 3]], "f4")
    after, _ = cell(np.ones((1, 2), "f4"), [before])
    np.testing.assert_allclose(after, before, rtol=1e-6)


def test_the_layers_of_a_step_have_different_initial_kernels():
    cell = layers.RecurrentHighwayCell(3, depth=2)
    cell.build((None, 2))
    first, second = cell.recurrent_kernels
    assert np.abs(first - second).max() > 0.01
    np.testing.assert_array_equal(cell.biases[1], [0] * 3 + [-2] * 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"units": 0}, "units=0"), ({"units": 3, "depth": 0}, "depth=0")],
)
def test_sizes_that_are_too_small_raise(arguments, message):
    with pytest.raises(ValueError, match=message):
        layers.RecurrentHighwayCell(**arguments)
