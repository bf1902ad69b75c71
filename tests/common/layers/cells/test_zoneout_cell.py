"""ZoneoutCell: in training, random units keep their previous state."""

import keras
import numpy as np
import pytest

from common import layers

INPUTS = np.random.default_rng(0).normal(size=(4, 6, 3)).astype("f4")
STATES = [np.full((4, 500), 7.0, "f4"), np.full((4, 500), 9.0, "f4")]


def test_two_steps_by_hand_without_training():
    cell = keras.layers.SimpleRNNCell(1)
    states = keras.layers.RNN(
        layers.ZoneoutCell(cell, 0.25), return_sequences=True
    )
    states.build((1, 2, 1))
    cell.set_weights([np.array(w) for w in ([[0.5]], [[2.0]], [0.1])])
    first = 0.75 * np.tanh(0.5 * 1 + 0.1)
    second = 0.25 * first + 0.75 * np.tanh(0.5 * -2 + 2 * first + 0.1)
    np.testing.assert_allclose(
        states(np.array([[[1], [-2]]])), [[[first], [second]]], rtol=1e-5
    )


def test_training_keeps_each_state_at_its_own_rate():
    cell = keras.layers.LSTMCell(500)
    zoned = layers.ZoneoutCell(cell, rates=[0.1, 0.6], seed=1)
    output, (h, c) = zoned(INPUTS[:, 0], STATES, training=True)
    _, new = cell(INPUTS[:, 0], STATES)
    for old, proposed, state, rate in zip(
        STATES, new, (h, c), (0.1, 0.6), strict=True
    ):
        kept = np.equal(state, old)
        assert kept.mean() == pytest.approx(rate, abs=0.05)
        np.testing.assert_array_equal(state, np.where(kept, old, proposed))
    np.testing.assert_array_equal(output, h)


def test_inference_is_the_mean_of_training():
    zoned = layers.ZoneoutCell(keras.layers.GRUCell(3), 0.3, seed=2)
    copies = np.repeat(INPUTS[:1, 0], 20_000, axis=0)
    states = [np.full((20_000, 3), 0.5)]
    drawn, _ = zoned(copies, states, training=True)
    expected, _ = zoned(copies, states)
    np.testing.assert_allclose(np.mean(drawn, axis=0), expected[0], atol=0.02)


def test_each_step_draws_new_random_numbers():
    zoned = layers.ZoneoutCell(keras.layers.SimpleRNNCell(50), 0.5)
    states = keras.layers.RNN(zoned, return_sequences=True)
    outputs = np.array(states(INPUTS, training=True))
    kept = outputs[:, 1:] == outputs[:, :-1]
    assert 0.3 < kept.mean() < 0.7
    assert np.any(kept[:, 1:] != kept[:, :-1])


def test_equal_seeds_draw_equal_numbers():
    inner = keras.layers.SimpleRNNCell(50)
    first, second = (
        keras.layers.RNN(layers.ZoneoutCell(inner, 0.5, seed=3))
        for _ in range(2)
    )
    np.testing.assert_array_equal(
        first(INPUTS, training=True), second(INPUTS, training=True)
    )


def test_a_rate_of_zero_equals_the_wrapped_cell():
    cell = keras.layers.LSTMCell(5)
    zoned = keras.layers.RNN(layers.ZoneoutCell(cell, 0.0))
    plain = keras.layers.RNN(cell)
    np.testing.assert_array_equal(zoned(INPUTS, training=True), plain(INPUTS))


def test_all_steps_of_a_call_share_the_dropout_masks_of_the_wrapped_cell():
    cell = keras.layers.SimpleRNNCell(
        40, dropout=0.5, activation="linear", recurrent_initializer="zeros"
    )
    zoned = keras.layers.RNN(
        layers.ZoneoutCell(cell, 0.0), return_sequences=True
    )
    ones = np.ones((1, 5, 40), "f4")
    first = np.array(zoned(ones, training=True))
    second = np.array(zoned(ones, training=True))
    np.testing.assert_array_equal(first, np.repeat(first[:, :1], 5, axis=1))
    assert np.abs(first - second).max() > 0
    np.testing.assert_allclose(zoned(ones)[0, 0], np.sum(cell.kernel, 0), 1e-4)


def test_each_call_draws_new_recurrent_dropout_masks():
    cell = keras.layers.GRUCell(20, recurrent_dropout=0.5)
    zoned = keras.layers.RNN(layers.ZoneoutCell(cell, 0.0))
    first = zoned(INPUTS, training=True)
    second = zoned(INPUTS, training=True)
    assert np.abs(first - second).max() > 0


def test_from_config_restores_the_configuration():
    cell = layers.ZoneoutCell(
        keras.layers.LSTMCell(3), rates=[0.1, 0.2], seed=5
    )
    again = layers.ZoneoutCell.from_config(cell.get_config())
    assert again.cell.units == 3
    assert again.get_config() == cell.get_config()


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        (1.0, r"rates=1\.0"),
        ([0.1], "each of the 2"),
        ([0.1, -1], r"rates in \[0, 1\)"),
    ],
)
def test_invalid_rates_raise(rates, message):
    with pytest.raises(ValueError, match=message):
        layers.ZoneoutCell(keras.layers.LSTMCell(3), rates)


def test_a_stack_of_cells_raises():
    stack = keras.layers.StackedRNNCells([keras.layers.LSTMCell(3)])
    with pytest.raises(ValueError, match="wrap each cell"):
        layers.ZoneoutCell(stack)
