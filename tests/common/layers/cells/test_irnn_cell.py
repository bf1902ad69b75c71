"""IRNNCell: rectified units with an identity as initial recurrent kernel."""

import keras
import numpy as np
import pytest

from common import layers

INPUTS = np.array([[[1.0, 0.0], [2.0, -9.0]]], "f4")


def test_two_steps_by_hand():
    cell = layers.IRNNCell(2, scale=0.5)
    states = keras.layers.RNN(cell, return_sequences=True)
    states.build(INPUTS.shape)
    cell.kernel.assign(np.eye(2))
    # The second unit goes below zero in the second step.
    expected = [[[1, 0], [0.5 * 1 + 2, 0]]]
    np.testing.assert_allclose(states(INPUTS), expected)


def test_the_recurrent_kernel_is_initialized_to_the_scaled_identity():
    cell = layers.IRNNCell(200, scale=0.01)
    cell.build((None, 300))
    np.testing.assert_allclose(cell.recurrent_kernel, 0.01 * np.eye(200))
    np.testing.assert_array_equal(cell.bias, np.zeros(200))
    assert np.std(cell.kernel) == pytest.approx(0.001, rel=0.05)


def test_the_initial_weights_keep_the_state_while_inputs_are_zero():
    states = keras.layers.RNN(layers.IRNNCell(3))
    held = states(np.zeros((1, 50, 2)), initial_state=[np.array([[1, 2, 3]])])
    np.testing.assert_array_equal(held, [[1, 2, 3]])


def test_from_config_restores_the_configuration():
    cell = layers.IRNNCell(3, scale=0.5, dropout=0.25)
    again = layers.IRNNCell.from_config(cell.get_config())
    assert (again.scale, again.dropout) == (0.5, 0.25)
    assert again.get_config() == cell.get_config()


def test_a_scale_of_zero_raises():
    with pytest.raises(ValueError, match="scale=0"):
        layers.IRNNCell(3, scale=0)
