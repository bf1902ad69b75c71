"""Layers made of other layers load with the quantization that they have."""

import keras
import numpy as np
import pytest

from common import layers

SEQUENCES = np.random.default_rng(0).normal(size=(4, 5, 6)).astype("f4")
MEMORY = np.random.default_rng(1).normal(size=(4, 7, 6)).astype("f4")
TOKENS = np.arange(20).reshape(4, 5) % 9
STATES = np.ones((4, 6), "f4")


def token_decoder(tokens, memory, state):
    decoder = layers.TokenDecoder(
        9, 8, "gru", 6, 2, False, "luong", True, True, 0.1
    )
    mask = keras.ops.ones_like(memory[..., 0], "bool")
    return decoder(tokens, memory, mask, [state, state, state])


def decoder(attention):
    return layers.AttentionDecoder(keras.layers.GRUCell(6), attention, 4)


def rnn(cell):
    return layers.RNN(cell, return_sequences=True)


def deep_cell():
    return layers.DeepTransitionCell(keras.layers.GRUCell(6), [5])


GENERAL = layers.MultiplicativeAttention
ADDITIVE = layers.AdditiveAttention
COMPOSITES = {  # Layer; arrays of its inputs.
    "stack": (
        lambda: layers.RecurrentStack(
            "gru", 6, deep_input=[5], deep_hidden=[4], deep_output=[3]
        ),
        [SEQUENCES],
    ),
    "bidirectional_stack": (
        lambda: layers.RecurrentStack(
            "lstm", 6, 2, True, deep_hidden=[4], return_sequences=True
        ),
        [SEQUENCES],
    ),
    "deep_transition": (lambda: rnn(deep_cell()), [SEQUENCES]),
    "bidirectional_deep_transition": (
        lambda: keras.layers.Bidirectional(rnn(deep_cell())),
        [SEQUENCES],
    ),
    "zoneout": (lambda: rnn(layers.ZoneoutCell(deep_cell())), [SEQUENCES]),
    "additive": (lambda: ADDITIVE(4), [SEQUENCES, MEMORY]),
    "multiplicative": (lambda: GENERAL("general"), [SEQUENCES, MEMORY]),
    "decoder": (lambda: decoder(GENERAL("dot")), [SEQUENCES, MEMORY]),
    "additive_decoder": (lambda: decoder(ADDITIVE(4)), [SEQUENCES, MEMORY]),
    "token_decoder": (lambda: token_decoder, [TOKENS, MEMORY, STATES]),
}

QUICK = ("additive",)


def quantized_model(kind, mode):
    """Returns a quantized model of one composite layer, and its inputs."""
    keras.utils.set_random_seed(1)
    make, arrays = COMPOSITES[kind]
    inputs = [keras.Input(a.shape[1:], dtype=a.dtype.name) for a in arrays]
    model = keras.Model(inputs, make()(*inputs))
    before = model(arrays)
    model.quantize(mode)
    assert not same(model(arrays), before)
    return model, arrays


def same(a, b):
    pairs = zip(keras.tree.flatten(a), keras.tree.flatten(b))
    return all(np.allclose(x, y, atol=1e-6) for x, y in pairs)


@pytest.mark.extended
@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize")
@pytest.mark.parametrize(
    "mode", ["int8", pytest.param("int4", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(k, marks=() if k in QUICK else pytest.mark.slow)
        for k in COMPOSITES
    ],
)
def test_a_quantized_layer_loads_with_the_same_outputs(kind, mode, tmp_path):
    model, arrays = quantized_model(kind, mode)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert same(loaded(arrays), model(arrays))
    loaded.save(tmp_path / "again.keras")
    again = keras.saving.load_model(tmp_path / "again.keras")
    assert same(again(arrays), model(arrays))


def test_a_layer_that_is_not_quantized_loads_as_it_is(tmp_path):
    model = keras.Sequential(
        [keras.Input((5, 6)), layers.RecurrentStack("gru", 6, deep_output=[3])]
    )
    assert "quantization" not in model.layers[0].get_build_config()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert same(loaded(SEQUENCES), model(SEQUENCES))
