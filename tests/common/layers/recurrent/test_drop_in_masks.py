"""Masks of every kind give the values of Keras."""

import keras
import numpy as np
import pytest

from tests.common.layers.recurrent import twins

pytestmark = pytest.mark.slow

INPUTS = twins.INPUTS
MASKS = {
    "all": np.ones((4, 5), bool),
    "right": np.arange(5) < np.array([[5], [3], [1], [4]]),
    "left": np.arange(5) >= np.array([[0], [3], [1], [4]]),
    "holes": np.array([[1, 0, 1, 0, 1], [0, 1, 0, 0, 1]] * 2, bool),
    "empty_row": np.arange(5) < np.array([[5], [0], [1], [0]]),
}
OPTIONS = {
    "last": {},
    "sequences": {"return_sequences": True},
    "zeros": {"return_sequences": True, "zero_output_for_mask": True},
    "backwards": {"go_backwards": True, "return_sequences": True},
    "states": {"return_state": True},
}
every_kind = pytest.mark.parametrize("kind", twins.KINDS)


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("mask", twins.quick(MASKS, "holes"))
@every_kind
def test_outputs_are_those_of_keras(kind, mask, option):
    ours, stock = twins.twins(kind, **OPTIONS[option])
    a, b = (layer(INPUTS, mask=MASKS[mask]) for layer in (ours, stock))
    twins.assert_close(a, b)


@pytest.mark.parametrize("mask", twins.quick(MASKS, "holes"))
@pytest.mark.parametrize("kind", twins.quick(twins.KINDS, "lstm"))
def test_gradients_are_those_of_keras(kind, mask):
    a, b = (
        twins.gradients(layer, INPUTS, mask=MASKS[mask])
        for layer in twins.twins(kind, return_sequences=True)
    )
    twins.assert_close(a, b)


@every_kind
def test_an_unrolled_layer_gives_the_same_outputs(kind):
    ours, stock = twins.twins(kind, unroll=True, return_sequences=True)
    a, b = (layer(INPUTS, mask=MASKS["holes"]) for layer in (ours, stock))
    twins.assert_close(a, b)


@every_kind
def test_a_mask_of_numbers_equals_one_of_truth_values(kind):
    ours, _ = twins.twins(kind)
    mask = MASKS["holes"]
    np.testing.assert_array_equal(
        ours(INPUTS, mask=mask.astype("int32")), ours(INPUTS, mask=mask)
    )


@every_kind
def test_a_mask_of_keras_reaches_the_layer_and_those_behind_it(kind):
    """Through an embedding, two layers, and a pooling that ignores padding."""
    tokens = np.array([[3, 1, 2, 0], [4, 0, 0, 0]])
    outputs = []
    for make in twins.KINDS[kind]:
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [
                keras.layers.Embedding(5, 3, mask_zero=True),
                make(4, return_sequences=True),
                make(4, return_sequences=True),
                keras.layers.GlobalAveragePooling1D(),
            ]
        )
        outputs.append(model(tokens))
        longer = model(np.pad(tokens, [(0, 0), (0, 3)]))
        np.testing.assert_allclose(outputs[-1], longer, atol=1e-6)
    twins.assert_close(*outputs)


@every_kind
def test_the_mask_is_passed_on_as_in_keras(kind):
    mask = np.ones((4, 5), bool)
    for layer in twins.twins(kind, return_sequences=True):
        assert layer.supports_masking
        assert layer.compute_mask(None, mask) is mask
    for layer in twins.twins(kind, return_state=True, return_sequences=True):
        outputs, *states = layer.compute_mask(None, mask)
        assert outputs is mask
        assert states == [None] * len(layer.state_size)
    for layer in twins.twins(kind):
        assert layer.compute_mask(None, mask) is None
