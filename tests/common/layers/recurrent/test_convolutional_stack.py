"""RecurrentStack with convolutional cells."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from tests import variants
from tests.common.layers.recurrent import maps

INPUTS = maps.sequences()
every_cell = pytest.mark.parametrize(
    "cell", variants.extended(layers.CONVOLUTIONAL_CELLS, "conv_gru2d")
)


def stack(cell, units=maps.FILTERS, depth=2, **options):
    return layers.RecurrentStack(
        cell, units, depth, kernel_size=3, return_state=True, **options
    )


@pytest.mark.parametrize(
    ("bidirectional", "return_sequences"),
    itertools.product([False, True], repeat=2),
)
@every_cell
def test_shapes_and_padding(cell, bidirectional, return_sequences):
    layer = stack(
        cell, 3, bidirectional=bidirectional, return_sequences=return_sequences
    )
    mask = maps.MASKS["right"]
    outputs, states = layer(INPUTS, mask=mask)
    shapes = outputs.shape, [s.shape for s in states]
    assert layer.compute_output_shape(INPUTS.shape) == shapes
    assert [s.shape[-1] for s in states] == layer.state_sizes
    padding = [(0, 0), (0, 2)]
    longer = np.pad(INPUTS, padding + [(0, 0)] * 3, constant_values=np.nan)
    padded, padded_states = layer(longer, mask=np.pad(mask, padding))
    if return_sequences:
        outputs, padded = outputs.numpy()[mask], padded[:, :4].numpy()[mask]
    np.testing.assert_allclose(padded, outputs, atol=1e-6)
    for a, b in zip(padded_states, states, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("batch", [1, pytest.param(3, marks=pytest.mark.slow)])
@every_cell
def test_frame_by_frame_gives_the_bits_of_the_whole_clip(cell, batch):
    layer = stack(cell, return_sequences=True, residual=True)
    inputs = tf.constant(INPUTS[:batch])

    @tf.function
    def run(inputs, states):
        return layer(inputs, initial_state=states)

    outputs, last = tf.function(layer)(inputs)
    states = [tf.zeros_like(s) for s in last]
    for step in range(maps.STEPS):
        frame, states = run(inputs[:, step : step + 1], states)
        np.testing.assert_array_equal(frame[:, 0], outputs[:, step])
    for a, b in zip(states, last, strict=True):
        np.testing.assert_array_equal(a, b)


@every_cell
def test_a_stack_is_its_layers_one_above_the_other(cell):
    """Those of st_lstm2d are one layer, which has its own tests."""
    layer = stack(cell, residual=True, return_sequences=True)
    outputs, states = layer(INPUTS)
    expected = INPUTS
    for part in layer.stack:
        hidden, *_ = part(expected)
        expected = hidden if cell == "st_lstm2d" else expected + hidden
    np.testing.assert_allclose(outputs, expected, atol=1e-6)
    assert (
        len(states) == {"conv_lstm2d": 4, "conv_gru2d": 2, "st_lstm2d": 5}[cell]
    )


def test_the_levels_of_st_lstm2d_have_the_options_of_the_stack():
    layer = stack("st_lstm2d", 4, depth=3, residual=True, dropout=0.3)
    (part,) = layer.stack
    assert len(part.cell.levels) == 3
    assert part.cell.residual
    assert {level.dropout for level in part.cell.levels} == {0.3}


@every_cell
def test_dropout_zeros_whole_channels_in_training_only(cell):
    layer = stack(cell, depth=1, dropout=0.5)
    first, second = (layer(INPUTS)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first, layer(INPUTS, training=True)[0])
    if cell != "st_lstm2d":
        ones = np.ones((5, 4, 3, 5, 8), "float32")
        dropped = layer.drops[0](ones, training=True).numpy()
        assert np.ptp(dropped, axis=(1, 2, 3)).max() == 0
        assert 0 in dropped


@every_cell
def test_a_saved_stack_is_loaded_with_equal_outputs(cell, tmp_path):
    layer = layers.RecurrentStack(
        cell, 2, 2, True, deep_input=[3], deep_output=[4], kernel_size=(1, 3)
    )
    model = keras.Sequential([keras.Input(INPUTS.shape[1:]), layer])
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    outputs = model(INPUTS)
    assert outputs.shape == (5, 3, 5, 4)
    np.testing.assert_array_equal(loaded(INPUTS), outputs)


def test_errors_name_value_and_remedy():
    with pytest.raises(ValueError, match="pass kernel_size with"):
        layers.RecurrentStack("conv_gru2d", 3)
    with pytest.raises(ValueError, match="and with no other cell"):
        layers.RecurrentStack("gru", 3, kernel_size=3)
    with pytest.raises(ValueError, match="deep_hidden=.*leave it empty"):
        layers.RecurrentStack("conv_gru2d", 3, deep_hidden=[3], kernel_size=3)
    with pytest.raises(ValueError, match="use one of .*'conv_lstm2d'"):
        layers.RecurrentStack("conv_lstm", 3, kernel_size=3)
    with pytest.raises(ValueError, match="1 initial states: expected 4"):
        stack("conv_lstm2d")(INPUTS, initial_state=[INPUTS[:, 0]])
