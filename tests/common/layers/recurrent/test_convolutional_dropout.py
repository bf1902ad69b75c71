"""Dropout of the convolutional recurrent layers."""

import numpy as np
import pytest
import tensorflow as tf

from common.layers._engine import private_api
from tests.common.layers.recurrent import maps


@pytest.fixture
def draws(monkeypatch):
    """Replaces dropout by fixed masks; returns the shapes that are drawn."""
    shapes = []

    def dropout(inputs, rate, noise_shape=None, seed=None):
        assert seed is not None
        shapes.append(tuple(inputs.shape))
        mask = maps.normal(inputs.shape, inputs.dtype.name, len(shapes)) > 0
        return inputs * tf.cast(mask, inputs.dtype) / (1 - rate)

    # Keras's cells use it, and keras.random.dropout does.
    monkeypatch.setattr(private_api.backend.random, "dropout", dropout)
    return shapes


@maps.every_kind
def test_weight_dropout_changes_recurrent_kernels_in_training_only(kind, draws):
    layer, inputs = maps.make(kind, weight_dropout=0.5), maps.sequences()
    before = layer.get_weights()
    inference = layer(inputs)
    assert not draws
    training = layer(inputs, training=True)
    assert not np.allclose(training, inference)
    kernels = [
        w
        for w in layer.trainable_variables
        if "recurrent" in w.path or "memory" in w.path
    ]
    assert draws == [tuple(w.shape) for w in kernels]
    for count, kernel in enumerate(kernels, 1):
        mask = maps.normal(kernel.shape, seed=count) > 0
        kernel.assign(kernel.numpy() * mask * 2)
    np.testing.assert_allclose(layer(inputs), training, atol=1e-6)
    layer.set_weights(before)
    np.testing.assert_array_equal(layer(inputs), inference)


@pytest.mark.parametrize("spatial", [True, False])
@maps.every_kind
def test_dropout_uses_one_mask_for_all_steps(kind, spatial, draws):
    layer = maps.make(kind, dropout=0.4, spatial_dropout=spatial)
    inputs = maps.sequences()
    frame = (1, 1) if spatial else (maps.ROWS, maps.COLUMNS)
    short, long = (layer(x, training=True) for x in (inputs[:, :1], inputs))
    assert short.shape == long.shape
    # One for each gate of a ConvLSTM2D, and for each level.
    count = {"conv_lstm2d": 4, "conv_gru2d": 1, "st_lstm2d": 2}[kind]
    shape = (maps.BATCH, *frame, maps.CHANNELS)
    assert draws == 2 * count * [shape]
    if kind == "conv_gru2d":
        mask = maps.normal((maps.BATCH, *frame, maps.CHANNELS), seed=2) > 0
        dropped = (inputs * mask[:, None] / 0.6).astype("float32")
        np.testing.assert_allclose(long, layer(dropped), atol=1e-6)


@maps.quick_kinds
def test_gradients_with_dropout_equal_central_differences(kind, draws):
    layer = maps.make(
        kind, dtype="float64", dropout=0.3, weight_dropout=0.3, **maps.STATES
    )

    class Fixed:
        """The same masks in each call."""

        def __call__(self, *args, **kwargs):
            draws.clear()
            return layer(*args, **kwargs)

        trainable_variables = layer.trainable_variables

    maps.assert_central_differences(
        Fixed(),
        maps.sequences(dtype="float64"),
        maps.states(layer, dtype="float64"),
    )


@maps.quick_kinds
def test_dropout_acts_in_training_only_and_differs_between_calls(kind):
    for options in {"dropout": 0.5}, {"weight_dropout": 0.5}:
        layer = maps.make(kind, return_sequences=True, seed=3, **options)
        inputs = maps.sequences()
        first, second = (layer(inputs, training=True) for _ in range(2))
        assert not np.allclose(first, second)
        same = maps.make(kind, return_sequences=True, seed=3, **options)
        np.testing.assert_array_equal(same(inputs, training=True), first)
        np.testing.assert_array_equal(layer(inputs), same(inputs))


@pytest.mark.parametrize("option", ["dropout", "recurrent_dropout"])
def test_masks_of_channels_scale_the_kernels_of_the_gates(option, draws):
    layer = maps.make("conv_lstm2d", **{option: 0.4})
    inputs = maps.sequences(1)
    outputs = layer(inputs, training=True)
    kernel = layer.cell.kernel
    if option == "recurrent_dropout":
        kernel = layer.cell.recurrent_kernel
    shape = (1, 1, 1, kernel.shape[2])
    assert draws == 4 * [shape]
    masks = [maps.normal(shape, seed=n).ravel() > 0 for n in range(1, 5)]
    scale = np.repeat(np.transpose(masks), maps.FILTERS, 1) / 0.6
    kernel.assign(kernel * scale)
    np.testing.assert_allclose(layer(inputs), outputs, atol=1e-6)
