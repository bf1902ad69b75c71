"""LeakyCell: a running mean of the values of simple recurrent units."""

import keras
import numpy as np
import pytest

from common.layers.leaky_cell import LeakyCell

INPUTS = np.array([[[1.0], [-2.0]]], "f4")


def test_two_steps_by_hand():
    cell = LeakyCell(1, alpha=0.75)
    states = keras.layers.RNN(cell, return_sequences=True)
    states.build(INPUTS.shape)
    cell.set_weights([np.array(w) for w in ([[0.5]], [[2.0]], [0.1])])
    first = 0.25 * np.tanh(0.5 * 1 + 0.1)
    second = 0.75 * first + 0.25 * np.tanh(0.5 * -2 + 2 * first + 0.1)
    np.testing.assert_allclose(states(INPUTS), [[[first], [second]]], rtol=1e-5)


def test_without_a_leak_it_is_a_simple_cell():
    leaky = keras.layers.RNN(LeakyCell(3, alpha=0.0))
    simple = keras.layers.RNN(keras.layers.SimpleRNNCell(3))
    leaky.build(INPUTS.shape)
    simple.build(INPUTS.shape)
    simple.set_weights(leaky.get_weights())
    np.testing.assert_allclose(leaky(INPUTS), simple(INPUTS), rtol=1e-6)


def test_its_config_makes_it_again():
    cell = LeakyCell(3, alpha=0.25, activation="relu", use_bias=False)
    again = LeakyCell.from_config(cell.get_config())
    assert again.alpha == 0.25
    assert again.get_config() == cell.get_config()


@pytest.mark.parametrize("alpha", [-0.1, 1.0])
def test_another_share_is_refused(alpha):
    with pytest.raises(ValueError, match=f"alpha={alpha}"):
        LeakyCell(3, alpha=alpha)
