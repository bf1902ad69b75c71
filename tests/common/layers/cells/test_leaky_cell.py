"""LeakyCell: a running mean of the values of simple recurrent units."""

import keras
import numpy as np
import pytest

from common import layers

INPUTS = np.array([[[1.0], [-2.0]]], "f4")


def test_two_steps_by_hand():
    cell = layers.LeakyCell(1, alpha=0.75)
    states = keras.layers.RNN(cell, return_sequences=True)
    states.build(INPUTS.shape)
    cell.set_weights([np.array(w) for w in ([[0.5]], [[2.0]], [0.1])])
    first = 0.25 * np.tanh(0.5 * 1 + 0.1)
    second = 0.75 * first + 0.25 * np.tanh(0.5 * -2 + 2 * first + 0.1)
    np.testing.assert_allclose(states(INPUTS), [[[first], [second]]], rtol=1e-5)


def test_an_alpha_of_zero_equals_a_simple_cell():
    leaky = keras.layers.RNN(layers.LeakyCell(3, alpha=0.0))
    simple = keras.layers.RNN(keras.layers.SimpleRNNCell(3))
    leaky.build(INPUTS.shape)
    simple.build(INPUTS.shape)
    simple.set_weights(leaky.get_weights())
    np.testing.assert_allclose(leaky(INPUTS), simple(INPUTS), rtol=1e-6)


def test_from_config_restores_the_configuration():
    cell = layers.LeakyCell(3, alpha=0.25, activation="relu", use_bias=False)
    again = layers.LeakyCell.from_config(cell.get_config())
    assert again.alpha == 0.25
    assert again.get_config() == cell.get_config()


@pytest.mark.parametrize("alpha", [-0.1, 1.0])
def test_an_invalid_alpha_raises(alpha):
    with pytest.raises(ValueError, match=f"alpha={alpha}"):
        layers.LeakyCell(3, alpha=alpha)
