"""Copies of Keras models with drop-ins in place of Keras's layers."""

import keras
import numpy as np
import pytest

from common import layers

INPUTS = np.random.default_rng(0).normal(size=(4, 6, 3)).astype("f4")
STOCK = (
    keras.layers.GRU,
    keras.layers.LSTM,
    keras.layers.RNN,
    keras.layers.SimpleRNN,
)
SEQUENCES = {"return_sequences": True}


class Reversed(keras.layers.Wrapper):
    """A wrapper that is not part of Keras."""

    def build(self, input_shape):
        self.layer.build(input_shape)

    def call(self, inputs):
        return self.layer(inputs[:, ::-1])


def recurrent_layers(layer):
    """Returns the recurrent layers within a layer, at any depth."""
    own = [layer] if isinstance(layer, keras.layers.RNN) else []
    parts = vars(layer).get("_layers", [])
    return own + [x for part in parts for x in recurrent_layers(part)]


WRAPPED = {
    "plain": lambda: keras.layers.GRU(4),
    "bidirectional": lambda: keras.layers.Bidirectional(keras.layers.LSTM(4)),
    "two_directions": lambda: keras.layers.Bidirectional(
        keras.layers.LSTM(4),
        backward_layer=keras.layers.GRU(4, go_backwards=True),
    ),
    "stacked_cells": lambda: keras.layers.RNN(
        [keras.layers.LSTMCell(4), keras.layers.GRUCell(5)]
    ),
    "rnn": lambda: keras.layers.RNN(keras.layers.SimpleRNNCell(4)),
    "time_distributed": lambda: keras.layers.TimeDistributed(
        keras.Sequential(
            [keras.layers.Reshape((3, 1)), keras.layers.SimpleRNN(4)]
        )
    ),
    "own_wrapper": lambda: Reversed(keras.layers.LSTM(4)),
    "model": lambda: keras.Sequential(
        [keras.Input((6, 3)), keras.layers.Bidirectional(keras.layers.GRU(4))]
    ),
    "cell_wrapper": lambda: keras.layers.RNN(
        layers.ZoneoutCell(keras.layers.LSTMCell(4))
    ),
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_a_clone_has_no_recurrent_layer_of_keras(kind):
    with keras.saving.custom_object_scope({"Reversed": Reversed}):
        inputs = keras.Input((6, 3))
        model = keras.Model(inputs, WRAPPED[kind]()(inputs))
        clone = layers.clone_model(model)
    types = [type(x) for x in recurrent_layers(clone)]
    assert types
    assert not set(types) & set(STOCK)
    assert len(types) == len(recurrent_layers(model))
    np.testing.assert_allclose(clone(INPUTS), model(INPUTS), atol=1e-6)


def test_a_clone_of_a_sequential_model_is_saved_and_loaded(tmp_path):
    model = keras.Sequential(
        [
            keras.Input((None, 3)),
            keras.layers.Masking(),
            keras.layers.Bidirectional(keras.layers.LSTM(4, **SEQUENCES)),
            keras.layers.GRU(4, name="second"),
            keras.layers.Dense(1),
        ]
    )
    clone = layers.clone_model(model)
    assert clone.get_layer("second").get_config() == (
        model.get_layer("second").get_config()
    )
    clone.save(tmp_path / "clone.keras")
    loaded = keras.saving.load_model(tmp_path / "clone.keras")
    np.testing.assert_allclose(loaded(INPUTS), clone(INPUTS), atol=1e-6)


def test_a_model_whose_code_calls_the_layers_is_refused():
    class Model(keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(ValueError, match="Functional models"):
        layers.clone_model(Model())
