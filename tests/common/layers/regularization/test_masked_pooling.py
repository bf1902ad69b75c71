"""MaskedPooling: the mean or maximum over the unmasked steps."""

import numpy as np
import pytest
import tensorflow as tf

from common import layers

INPUTS = np.array([[[1, -5], [3, -7], [9, 9]], [[2, 0], [8, 8], [8, 8]]], "f4")
MASK = np.array([[True, True, False], [True, False, False]])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("mean", [[2, -6], [2, 0]]), ("max", [[3, -5], [2, 0]])],
)
def test_masked_steps_are_ignored(kind, expected):
    pool = layers.MaskedPooling(kind)
    np.testing.assert_allclose(pool(INPUTS, mask=MASK), expected)


@pytest.mark.parametrize("kind", ["mean", "max"])
def test_without_a_mask_all_steps_count(kind):
    expected = getattr(INPUTS, kind)(axis=1)
    np.testing.assert_allclose(layers.MaskedPooling(kind)(INPUTS), expected)


@pytest.mark.parametrize("kind", ["mean", "max"])
def test_a_fully_masked_row_gives_zeros(kind):
    pooled = layers.MaskedPooling(kind)(INPUTS, mask=MASK & False)
    np.testing.assert_array_equal(pooled, np.zeros((2, 2)))


def test_an_unknown_kind_raises():
    with pytest.raises(ValueError, match="median"):
        layers.MaskedPooling("median")


def test_the_gradient_of_equal_maxima_stays_at_unmasked_steps():
    inputs = tf.constant([[[-1.0, 2], [-1, -1], [5, 5]]])
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        peak = layers.MaskedPooling("max")(inputs, mask=MASK[:1])
    expected = [[[0.5, 1], [0.5, 0], [0, 0]]]
    np.testing.assert_allclose(tape.gradient(peak, inputs), expected)
