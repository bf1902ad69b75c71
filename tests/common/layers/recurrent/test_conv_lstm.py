"""ConvLSTM2D as a drop-in for Keras's, and against its equation."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from tests.common.layers.recurrent import maps

OPTIONS = {
    "defaults": {},
    "sequences": {"return_sequences": True, "padding": "same"},
    "states": {"return_state": True},
    "strides": {"strides": 2, "padding": "same"},
    "dilation": {"dilation_rate": 2, "padding": "same"},
    "activations": {"activation": "relu", "recurrent_activation": "tanh"},
    "without_bias": {"use_bias": False},
    "backwards": {"go_backwards": True, "return_sequences": True},
    "zeros": {"zero_output_for_mask": True, "return_sequences": True},
    "unrolled": {"unroll": True},
}
INPUTS = maps.normal((5, 4, 6, 7, 2))


def pair(**options):
    """Returns our layer and Keras's with the same random weights."""
    options = {"filters": 3, "kernel_size": 3, "dtype": "float64"} | options
    pair = layers.ConvLSTM2D(**options), keras.layers.ConvLSTM2D(**options)
    for layer in pair:
        layer.build(INPUTS.shape)
        for seed, weight in enumerate(layer.trainable_variables):
            weight.assign(0.4 * maps.normal(weight.shape, seed=seed))
    return pair


@pytest.mark.parametrize(
    "mask",
    [
        None,
        pytest.param("right", marks=pytest.mark.slow),
        pytest.param("left", marks=pytest.mark.slow),
        "holes",
    ],
)
@pytest.mark.parametrize("option", OPTIONS)
def test_outputs_are_those_of_keras(option, mask):
    ours, stock = pair(**OPTIONS[option])
    mask = maps.MASKS.get(mask)
    for training in False, True:
        results = [
            x(INPUTS, mask=mask, training=training) for x in (ours, stock)
        ]
        for a, b in zip(*map(keras.tree.flatten, results), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-12)


def test_gradients_in_a_graph_are_those_of_keras():
    results = []
    for layer in pair(return_state=True):
        run = tf.function(maps.gradients)
        results.append(
            keras.tree.flatten(run(layer, INPUTS, maps.states(layer)))
        )
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_dropout_of_single_entries_is_that_of_keras():
    ours, stock = pair(dropout=0.3, recurrent_dropout=0.2, seed=1)
    ours.spatial_dropout = False
    for _ in range(2):
        np.testing.assert_allclose(
            ours(INPUTS, training=True),
            stock(INPUTS, training=True),
            atol=1e-12,
        )


def test_spatial_dropout_zeros_whole_channels():
    """A channel without weight elsewhere: outputs are alike or all differ."""
    layer = layers.ConvLSTM2D(2, 1, dropout=0.5, seed=0, use_bias=False)
    layer.build((None, None, 4, 4, 1))
    outputs = layer(np.ones((64, 1, 4, 4, 1)), training=True).numpy()
    assert np.ptp(outputs, axis=(1, 2)).max() == 0
    assert len(np.unique(outputs[:, 0, 0, 0].round(6))) > 2  # Mask per gate.


def test_two_steps_by_definition():
    layer = maps.make("conv_lstm2d", return_sequences=True, dtype="float64")
    kernel, recurrent_kernel, bias = layer.get_weights()[:3]
    w, u, b = (np.split(x, 4, -1) for x in (kernel, recurrent_kernel, bias))
    inputs = maps.sequences(1, "float64")[0, :2]
    h = c = np.zeros((maps.ROWS, maps.COLUMNS, maps.FILTERS))
    expected = []
    for x in inputs:
        i, f, g, o = (
            maps.convolve(x, w[n]) + maps.convolve(h, u[n]) + b[n]
            for n in range(4)
        )
        c = maps.sigmoid(f) * c + maps.sigmoid(i) * np.tanh(g)
        h = maps.sigmoid(o) * np.tanh(c)
        expected.append(h)
    np.testing.assert_allclose(layer(inputs[None])[0], expected, atol=1e-12)


def test_configuration_and_weights_are_those_of_keras(tmp_path):
    stock = keras.layers.ConvLSTM2D(3, 3, dropout=0.1, name="a")
    ours = layers.ConvLSTM2D.from_config(stock.get_config())
    assert ours.get_config() == stock.get_config()
    models = [
        keras.Sequential([keras.Input(INPUTS.shape[1:]), layer])
        for layer in (ours, stock)
    ]
    models[1].save_weights(tmp_path / "a.weights.h5")
    models[0].load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_allclose(models[0](INPUTS), models[1](INPUTS), atol=1e-6)
    clone = layers.clone_model(models[1])
    assert isinstance(clone.layers[0], layers.ConvLSTM2D)
    np.testing.assert_allclose(clone(INPUTS), models[1](INPUTS), atol=1e-6)


def test_the_signature_lists_the_arguments_of_keras_and_ours():
    names = [*inspect.signature(layers.ConvLSTM2D).parameters]
    stock = [*inspect.signature(keras.layers.ConvLSTM2D).parameters]
    added = ["spatial_dropout", "weight_dropout"]
    assert names == [*stock[:-1], *added, stock[-1]]


def test_a_call_leaves_no_masks_in_the_cell():
    layer, _ = pair(dropout=0.3, recurrent_dropout=0.2)
    before = {name: id(value) for name, value in vars(layer.cell).items()}
    layer(INPUTS, training=True)
    after = {name: id(value) for name, value in vars(layer.cell).items()}
    for name in "_called", "_losses_override":  # Keras's own, of any layer.
        before.pop(name, None), after.pop(name, None)
    assert after == before
