"""ActivationRegularization: losses for large and changing activations."""

import keras
import numpy as np
import pytest

from common import layers

INPUTS = np.array([[[1, 2], [3, 5], [9, 9]], [[4, 0], [7, 7], [8, 8]]], "f4")
MASK = np.array([[False, True, True], [True, False, False]])


def loss(inputs, mask=None, **weights):
    layer = layers.ActivationRegularization(**weights)
    outputs = layer(inputs, mask=mask, training=True)
    np.testing.assert_array_equal(outputs, inputs)
    return float(sum(layer.losses))


def test_without_a_mask_all_steps_count():
    squares, changes = INPUTS**2, np.diff(INPUTS, axis=1) ** 2
    expected = 2 * squares.mean() + 3 * changes.mean()
    assert loss(INPUTS, alpha=2.0, beta=3.0) == pytest.approx(expected)


def test_masked_steps_and_changes_from_or_to_them_do_not_count():
    squares = np.mean([3**2, 5**2, 9**2, 9**2, 4**2, 0])
    changes = np.mean([6**2, 4**2])
    assert loss(INPUTS, MASK, alpha=2.0) == pytest.approx(2 * squares)
    assert loss(INPUTS, MASK, beta=3.0) == pytest.approx(3 * changes)


def test_infinite_values_in_masked_steps_are_ignored():
    broken = INPUTS.copy()
    broken[0, 0] = broken[1, 1:] = np.inf
    expected = loss(INPUTS, MASK, alpha=2.0, beta=3.0)
    layer = layers.ActivationRegularization(2.0, 3.0)
    layer(broken, mask=MASK, training=True)
    assert float(sum(layer.losses)) == pytest.approx(expected)


@pytest.mark.parametrize("mask", [MASK & False, None])
def test_the_loss_is_zero_without_unmasked_steps(mask):
    inputs = INPUTS if mask is not None else INPUTS[:, :0]
    assert loss(inputs, mask, alpha=2.0, beta=3.0) == 0


def test_half_precision_does_not_overflow():
    layer = layers.ActivationRegularization(alpha=1.0, dtype="mixed_float16")
    layer(np.full((8, 100, 100), 200.0), training=True)
    assert float(layer.losses[0]) == 200**2


def test_there_is_no_loss_without_training():
    layer = layers.ActivationRegularization(alpha=2.0, beta=3.0)
    layer(INPUTS)
    assert not layer.losses


def test_fit_adds_the_loss():
    keras.utils.set_random_seed(0)
    same = keras.layers.Dense(2, kernel_initializer="identity")
    model = keras.Sequential([same, layers.ActivationRegularization(alpha=2.0)])
    model.compile(loss=lambda y, prediction: 0 * prediction[:, 0, 0])
    history = model.fit(INPUTS, INPUTS, batch_size=2, verbose=0).history
    assert history["loss"] == [pytest.approx(2 * (INPUTS**2).mean())]


def test_negative_weights_raise():
    with pytest.raises(ValueError, match="beta=-1"):
        layers.ActivationRegularization(beta=-1)
