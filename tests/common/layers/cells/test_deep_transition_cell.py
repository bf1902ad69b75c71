"""DeepTransitionCell: the state goes through layers before the cell."""

import keras
import numpy as np
import pytest

from common import layers

INPUTS = np.random.default_rng(0).normal(size=(4, 6, 3)).astype("f4")


def test_two_steps_by_hand():
    cell = keras.layers.SimpleRNNCell(1)
    deep = layers.DeepTransitionCell(cell, [2])
    states = keras.layers.RNN(deep, return_sequences=True)
    states.build((1, 2, 1))
    cell.set_weights([np.array(w) for w in ([[0.5]], [[2.0]], [0.1])])
    a, b = np.array([1, -2]), np.array([3, 0.5])
    shift = np.array([0.2, 0.3])
    deep.transition[0].set_weights([a[None], shift])
    deep.transition[1].set_weights([b[:, None], np.array([0.4])])
    h, expected = 0, []
    for x in (1, -2):
        read = np.tanh(h * a + shift) @ b + 0.4
        h = np.tanh(0.5 * x + 2 * read + 0.1)
        expected.append([h])
    np.testing.assert_allclose(
        states(np.array([[[1], [-2]]])), [expected], rtol=1e-5
    )


def test_the_states_behind_the_layers_are_those_of_the_paper():
    """Equation 7: the input enters the first layer, which is the cell."""
    cell = keras.layers.SimpleRNNCell(5)
    deep = layers.DeepTransitionCell(cell, [7])
    layer = layers.RNN(deep, return_sequences=True)
    outputs = layer(INPUTS)
    u, w_1, b_1 = cell.get_weights()
    (w_2, b_2), (w_3, b_3) = (x.get_weights() for x in deep.transition)

    def behind(h):
        return np.tanh(h @ w_2 + b_2) @ w_3 + b_3

    h = behind(np.zeros((4, 5)))
    for t in range(6):
        h = behind(np.tanh(h @ w_1 + INPUTS[:, t] @ u + b_1))
        np.testing.assert_allclose(behind(outputs[:, t]), h, atol=1e-5)


def test_only_the_first_state_goes_through_the_layers():
    cell = keras.layers.LSTMCell(5)
    deep = layers.DeepTransitionCell(cell, [7, 8], activation="relu")
    h, c = np.ones((4, 5), "f4"), np.full((4, 5), 2.0, "f4")
    output, states = deep(INPUTS[:, 0], [h, c])
    read = h
    for layer in deep.transition:
        read = layer(read)
    expected, expected_states = cell(INPUTS[:, 0], [read, c])
    np.testing.assert_allclose(output, expected, rtol=1e-5)
    np.testing.assert_allclose(states[1], expected_states[1], rtol=1e-5)
    assert [layer.units for layer in deep.transition] == [7, 8, 5]


@pytest.mark.parametrize("kind", ["dropout", "recurrent_dropout"])
def test_each_call_draws_new_dropout_masks_of_the_wrapped_cell(kind):
    cell = keras.layers.GRUCell(20, **{kind: 0.5})
    states = keras.layers.RNN(layers.DeepTransitionCell(cell, [7]))
    first = states(INPUTS, training=True)
    second = states(INPUTS, training=True)
    assert np.abs(first - second).max() > 0


def test_from_config_restores_the_configuration():
    cell = layers.DeepTransitionCell(
        keras.layers.GRUCell(3), [4], activation="relu"
    )
    again = layers.DeepTransitionCell.from_config(cell.get_config())
    assert again.cell.units == 3
    assert again.get_config() == cell.get_config()


@pytest.mark.parametrize("sizes", [[], [4, 0]])
def test_invalid_sizes_raise(sizes):
    with pytest.raises(ValueError, match="hidden_units"):
        layers.DeepTransitionCell(keras.layers.GRUCell(3), sizes)


def test_a_stack_of_cells_raises():
    stack = keras.layers.StackedRNNCells([keras.layers.LSTMCell(3)])
    with pytest.raises(ValueError, match="wrap each cell"):
        layers.DeepTransitionCell(stack, [4])
