"""JordanCell: the recurrence leads from the output back to the units."""

import keras
import numpy as np
import pytest

from common import layers

INPUTS = np.array([[[1.0], [-2.0]]], "f4")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_two_steps_by_hand():
    cell = layers.JordanCell(2, 1, output_activation="sigmoid")
    outputs = keras.layers.RNN(cell, return_sequences=True)
    outputs.build(INPUTS.shape)
    w, u, v = np.array([0.5, -1]), np.array([2, 3]), np.array([1, -0.4])
    b, c = np.array([0.1, 0.2]), np.array([0.3])
    cell.set_weights([w[None], u[None], v[:, None], b, c])
    first = sigmoid(np.tanh(1 * w + b) @ v + 0.3)
    second = sigmoid(np.tanh(-2 * w + first * u + b) @ v + 0.3)
    np.testing.assert_allclose(
        outputs(INPUTS), [[[first], [second]]], rtol=1e-5
    )


def test_teacher_forced_steps_read_the_true_previous_output():
    cell = layers.JordanCell(2, 1, use_bias=False)
    targets = np.array([[[5.0], [6.0]]], "f4")
    forced = cell.teacher_forced(INPUTS, targets)
    first, _ = cell(INPUTS[:, 0], [np.zeros((1, 1))])
    second, _ = cell(INPUTS[:, 1], [targets[:, 0]])
    np.testing.assert_allclose(forced[:, 0], first, rtol=1e-6)
    np.testing.assert_allclose(forced[:, 1], second, rtol=1e-6)


def test_teacher_forcing_with_its_own_outputs_equals_a_free_run():
    cell = layers.JordanCell(8, 3)
    inputs = np.random.default_rng(0).normal(size=(4, 10, 5))
    free = keras.layers.RNN(cell, return_sequences=True)(inputs)
    forced = cell.teacher_forced(inputs, free)
    np.testing.assert_allclose(forced, free, atol=1e-6)


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0)])
def test_sizes_that_are_too_small_raise(sizes):
    with pytest.raises(ValueError, match="units=0"):
        layers.JordanCell(*sizes)
