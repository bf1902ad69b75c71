"""RecurrentStack: shapes, masks, serialization, and literal numbers."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from common import options
from common.layers._engine import private_api

INPUTS = np.random.default_rng(0).normal(size=(3, 6, 4)).astype("f4")
MASK = np.arange(6) < np.array([[6], [4], [1]])
SHAPES = list(itertools.product([1, 2], [False, True], [False, True]))


def marks_of(cell, shape):
    """Returns the marks: all shapes for the LSTM, one or two for others."""
    if cell == "lstm" or shape == (1, False, True):
        return ()
    is_extended = shape == (2, True, False)
    return pytest.mark.extended if is_extended else pytest.mark.slow


@pytest.mark.parametrize(
    ("cell", "depth", "bidirectional", "return_sequences"),
    [
        pytest.param(
            cell,
            *shape,
            marks=marks_of(cell, shape),
        )
        for cell in layers.CELLS
        for shape in SHAPES
    ],
)
def test_shape_and_padding(cell, depth, bidirectional, return_sequences):
    """The shape is that of `compute_output_shape`; padding has no effect."""
    stack = layers.RecurrentStack(
        cell, 5, depth, bidirectional, return_sequences=return_sequences
    )
    outputs = stack(INPUTS, mask=MASK).numpy()
    features = 10 if bidirectional else 5
    steps = (6,) if return_sequences else ()
    assert outputs.shape == (3, *steps, features)
    assert stack.compute_output_shape((3, 6, 4)) == outputs.shape
    longer = np.pad(INPUTS, [(0, 0), (0, 7), (0, 0)], constant_values=9)
    padded = stack(longer, mask=np.pad(MASK, [(0, 0), (0, 7)])).numpy()
    if return_sequences:
        outputs, padded = outputs[MASK], padded[:, :6][MASK]
    np.testing.assert_allclose(padded, outputs, rtol=1e-5, atol=1e-6)


def test_the_mask_is_passed_on_only_with_sequences():
    inputs = keras.layers.Masking()(np.where(MASK[..., None], INPUTS, 0))
    sequences = layers.RecurrentStack("gru", 2, return_sequences=True)(inputs)
    assert np.array_equal(private_api.get_keras_mask(sequences), MASK)
    last = layers.RecurrentStack("gru", 2)(inputs)
    assert private_api.get_keras_mask(last) is None


def test_two_steps_of_the_simple_cell_by_hand():
    stack = layers.RecurrentStack("simple_rnn", 1)
    stack.build((1, 2, 1))
    for variable in stack.variables:
        if variable.dtype == "float32":
            variable.assign(tf.ones_like(variable))
    first = np.tanh(0.5 + 1)
    second = np.tanh(-0.25 + first + 1)
    outputs = stack(np.array([[[0.5], [-0.25]]], "f4"))
    np.testing.assert_allclose(outputs, [[second]], rtol=1e-6)


def test_a_saved_stack_is_loaded_with_equal_outputs(tmp_path):
    model = keras.Sequential(
        [keras.Input((None, 4)), layers.RecurrentStack("lstm", 3, 2, True)]
    )
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(model(INPUTS), again(INPUTS))


def test_dropout_acts_in_training_only():
    stack = layers.RecurrentStack("lstm", 3, dropout=0.5)
    first, second = stack(INPUTS), stack(INPUTS)
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first, stack(INPUTS, training=True))


def test_cell_names_without_tensorflow_are_those_of_the_cells():
    assert list(layers.CELLS) == options.CELLS


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_residual_stack_adds_its_inputs(bidirectional):
    """With weights of zero, the layers return zeros: the inputs remain."""
    stack = layers.RecurrentStack(
        "gru", 4, 3, bidirectional, residual=True, return_sequences=True
    )
    inputs = np.tile(INPUTS, 2) if bidirectional else INPUTS
    stack.build(inputs.shape)
    for layer in stack.stack:
        layer.set_weights([0 * w for w in layer.get_weights()])
    np.testing.assert_array_equal(stack(inputs), inputs)


def test_deep_layers_have_their_sizes():
    stack = layers.RecurrentStack(
        "lstm", 4, deep_input=[7, 6], deep_hidden=[5], deep_output=[3, 2]
    )
    outputs = stack(INPUTS)
    assert outputs.shape == stack.compute_output_shape(INPUTS.shape) == (3, 2)
    shapes = {tuple(w.shape) for w in stack.weights}
    assert {(4, 7), (7, 6), (6, 16), (4, 5), (5, 4), (4, 3), (3, 2)} <= shapes


def test_a_depth_of_zero_raises():
    with pytest.raises(ValueError, match="depth=0"):
        layers.RecurrentStack("gru", 3, depth=0)


def test_an_unknown_cell_raises():
    with pytest.raises(ValueError, match="use one of"):
        layers.RecurrentStack("tree", 3)
