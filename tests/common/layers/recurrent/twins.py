"""Two layers of the same weights, a drop-in and Keras's own, to compare."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers

KINDS = {
    "lstm": (layers.LSTM, keras.layers.LSTM),
    "gru": (layers.GRU, keras.layers.GRU),
    "simple_rnn": (layers.SimpleRNN, keras.layers.SimpleRNN),
}
INPUTS = np.random.default_rng(0).normal(size=(4, 5, 3)).astype("f4")


def quick(names, *selection):
    """Returns test parameters; those outside of a selection are slow."""
    return [
        pytest.param(n, marks=() if n in selection else pytest.mark.slow)
        for n in names
    ]


def twins(kind, units=4, **options):
    """Returns a drop-in and Keras's layer with the same random weights."""
    ours, stock = (make(units, **options) for make in KINDS[kind])
    return share_weights(ours, stock)


def share_weights(ours, stock, shape=INPUTS.shape):
    """Builds two layers, and gives them the same random weights."""
    for layer in ours, stock:
        if not layer.built:
            layer.build(shape)
    random = np.random.default_rng(1)
    weights = [random.normal(0, 0.4, w.shape) for w in stock.weights]
    for layer in ours, stock:
        layer.set_weights(weights)
    return ours, stock


def gradients(layer, inputs, **arguments):
    """Returns the outputs in training, and the gradients of their squares."""
    inputs = tf.convert_to_tensor(inputs)
    variables = [w.value for w in layer.trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=True, **arguments)
        loss = sum(tf.reduce_sum(o**2) for o in keras.tree.flatten(outputs))
    return outputs, tape.gradient(loss, [inputs, *variables])


def assert_close(ours, stock, tolerance=1e-5):
    """Compares two structures of tensors."""
    ours, stock = keras.tree.flatten(ours), keras.tree.flatten(stock)
    assert len(ours) == len(stock)
    for a, b in zip(ours, stock):
        assert tuple(a.shape) == tuple(b.shape)
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
