"""LSTM, GRU and SimpleRNN as drop-ins for Keras's."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config as tf_config
from tensorflow.python.framework import convert_to_constants

from common import layers
from common.layers._engine import custom_gradient
from tests import variants

PAIRS = [
    (layers.LSTM, keras.layers.LSTM),
    (layers.GRU, keras.layers.GRU),
    (layers.SimpleRNN, keras.layers.SimpleRNN),
]
pairs = pytest.mark.parametrize(("ours", "stock"), PAIRS)
INPUTS = np.random.default_rng(0).normal(size=(4, 6, 3)).astype("f4")
RIGHT = np.arange(6) < np.array([[6], [4], [1], [3]])


@pairs
def test_configuration_and_weights_are_those_of_keras(ours, stock):
    layer = stock(5, dropout=0.1, return_sequences=True, name="a")
    copy = ours.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    for each in layer, copy:
        each.build((None, None, 3))
    descriptions = [
        [(w.name, tuple(w.shape)) for w in each.weights]
        for each in (layer, copy)
    ]
    assert descriptions[0] == descriptions[1]


@pairs
def test_keras_loads_our_weights(ours, stock, tmp_path):
    models = [
        keras.Sequential([keras.Input((None, 3)), layer(5, name="a")])
        for layer in (ours, stock)
    ]
    models[0].save_weights(tmp_path / "a.weights.h5")
    models[1].load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_allclose(models[1](INPUTS), models[0](INPUTS), atol=1e-6)


def ones(layer):
    """Returns the outputs of two steps with all weights one."""
    layer.build((1, 2, 1))
    layer.set_weights([np.ones(w.shape) for w in layer.weights])
    return layer(np.array([[[0.5], [-0.25]]], "f4")).numpy().ravel()


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_two_steps_of_an_lstm_by_hand():
    h = c = 0
    expected = []
    for x in 0.5, -0.25:
        gate = sigmoid(x + h + 1)
        c = gate * c + gate * np.tanh(x + h + 1)
        h = gate * np.tanh(c)
        expected.append(h)
    outputs = ones(layers.LSTM(1, return_sequences=True))
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


@pytest.mark.parametrize("reset_after", [False, True])
def test_two_steps_of_a_gru_by_hand(reset_after):
    h = 0
    expected = []
    for x in 0.5, -0.25:
        gate = sigmoid(x + h + 1 + reset_after)
        inner = gate * (h + 1) if reset_after else gate * h
        h = gate * h + (1 - gate) * np.tanh(x + 1 + inner)
        expected.append(h)
    layer = layers.GRU(1, reset_after=reset_after, return_sequences=True)
    np.testing.assert_allclose(ones(layer), expected, rtol=1e-5)


def test_two_steps_of_a_simple_network_by_hand():
    first = np.tanh(0.5 + 1)
    expected = [first, np.tanh(-0.25 + first + 1)]
    outputs = ones(layers.SimpleRNN(1, return_sequences=True))
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


@pairs
def test_a_stateful_layer_continues_from_its_last_state(ours, stock):
    layer = ours(5, stateful=True, return_sequences=True)
    layer.build(INPUTS.shape)
    whole = ours(5, return_sequences=True)
    whole.build(INPUTS.shape)
    whole.set_weights(layer.get_weights()[: len(whole.weights)])
    for training in False, True:
        layer.reset_state()
        halves = [
            layer(half, training=training)
            for half in (INPUTS[:, :3], INPUTS[:, 3:])
        ]
        np.testing.assert_allclose(
            np.concatenate(halves, 1), whole(INPUTS), atol=1e-6
        )


@pytest.fixture
def without_determinism():
    """Training enables it in the whole process; Keras then skips XLA."""
    enabled = tf_config.is_op_determinism_enabled()
    tf_config.disable_op_determinism()
    yield
    if enabled:
        tf_config.enable_op_determinism()


@pytest.mark.slow
def test_a_model_compiled_by_xla_has_the_same_losses(without_determinism):
    losses = []
    for jit_compile in False, True:
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [keras.Input((None, 3)), layers.GRU(5), keras.layers.Dense(1)]
        )
        model.compile("adam", "mse", jit_compile=jit_compile)
        assert model.jit_compile == jit_compile
        history = model.fit(INPUTS, INPUTS[:, 0, :1], epochs=3, verbose=0)
        losses.append(history.history["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-4)


@pytest.mark.parametrize(
    "make_cell",
    [
        keras.layers.LSTMCell,
        keras.layers.GRUCell,
        lambda units, dtype: layers.EntityCell(units, slots=2, dtype=dtype),
    ],
)
def test_a_cell_may_have_another_dtype_than_its_layer(make_cell):
    """The cell computes in its dtype; the outputs have that of the layer."""
    layer = layers.RNN(make_cell(3, dtype="float32"), dtype="mixed_bfloat16")
    layer.build(INPUTS.shape)
    exact = layers.RNN(layer.cell, dtype="float32")
    # Keras rounds the inputs to the dtype of the layer.
    rounded = tf.cast(tf.cast(INPUTS, "bfloat16"), "float32")
    for training in False, True:
        outputs = layer(INPUTS, training=training)
        expected = tf.cast(exact(rounded, training=training), "bfloat16")
        assert outputs.dtype == "bfloat16"
        np.testing.assert_array_equal(
            tf.cast(outputs, "float32"), tf.cast(expected, "float32")
        )


@pairs
def test_functions_run_eagerly_for_debuggers(ours, stock):
    layer = ours(5)
    expected = layer(INPUTS, training=True)
    tf.config.run_functions_eagerly(True)
    try:
        outputs = layer(INPUTS, training=True)
    finally:
        tf.config.run_functions_eagerly(False)
    np.testing.assert_allclose(outputs, expected, atol=1e-6)


@pytest.mark.extended
def test_training_gives_the_weights_of_keras():
    """After ten steps of a bidirectional model with masks and dropout."""
    weights = []
    for layer in layers.LSTM, keras.layers.LSTM:
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [
                keras.Input((None, 3)),
                keras.layers.Masking(),
                keras.layers.Bidirectional(layer(5, dropout=0.3, seed=2)),
                keras.layers.Dense(1),
            ]
        )
        model.compile("adam", "mse", jit_compile=False)
        inputs = np.where(RIGHT[..., None], INPUTS, 0)
        model.fit(inputs, INPUTS[:, 0, :1], epochs=10, verbose=0)
        weights.append(model.get_weights())
    for ours, stock in zip(*weights):
        np.testing.assert_allclose(ours, stock, atol=2e-5)


def test_weight_dropout_zeroes_the_same_weights_at_all_steps():
    """With a recurrent kernel of ones, a state reveals its nonzero entries."""
    layer = layers.SimpleRNN(
        3, "linear", weight_dropout=0.5, seed=1, return_sequences=True
    )
    layer.build((None, 3, 3))
    zeros = np.zeros((3, 3), "f4")
    layer.set_weights([zeros, np.ones((3, 3)), np.zeros(3)])
    start = np.eye(3, dtype="f4")
    outputs = layer(
        np.zeros((3, 3, 3), "f4"), initial_state=start, training=True
    ).numpy()
    kernel = outputs[:, 0]
    assert set(kernel.ravel()) == {0.0, 2.0}
    np.testing.assert_allclose(outputs[:, 1], kernel @ kernel)
    np.testing.assert_allclose(outputs[:, 2], kernel @ kernel @ kernel)
    other = layer(INPUTS[:3, :3], initial_state=start, training=True).numpy()
    assert not np.array_equal(other[:, 0], kernel)


@pytest.mark.parametrize("reset_after", [False, True])
def test_weight_dropout_zeroes_weights_of_the_candidate_of_a_gru(reset_after):
    """With open reset gates and no update gate, a state reveals its weights."""
    layer = layers.GRU(
        3, reset_after=reset_after, use_bias=False, weight_dropout=0.5, seed=1
    )
    layer.build((None, 1, 9))
    kernel = np.zeros((9, 9))
    kernel[0, :6] = [-50] * 3 + [50] * 3
    inner = np.concatenate([np.zeros((3, 6)), np.full((3, 3), 0.1)], 1)
    layer.set_weights([kernel, inner])
    inputs = np.eye(9)[None, :1].repeat(3, 0).astype("f4")
    start = np.eye(3, dtype="f4")
    outputs = layer(inputs, initial_state=start, training=True).numpy()
    dropped = np.isclose(outputs, 0, atol=1e-6)
    scaled = np.isclose(outputs, np.tanh(0.2), atol=1e-6)
    assert (dropped | scaled).all()
    assert dropped.any()
    assert scaled.any()


def test_weight_dropout_acts_in_training_only():
    layer = layers.LSTM(3, weight_dropout=0.5)
    plain = layers.LSTM(3)
    plain.build(INPUTS.shape)
    layer.build(INPUTS.shape)
    plain.set_weights(layer.get_weights())
    np.testing.assert_array_equal(layer(INPUTS), plain(INPUTS))
    again = layers.LSTM.from_config(layer.get_config())
    assert again.weight_dropout == 0.5


@pytest.mark.parametrize(
    "options", [{"activation": "elu"}, {"unroll": True}, {"dtype": "float16"}]
)
def test_unsupported_weight_dropout_raises(options):
    layer = layers.LSTM(3, weight_dropout=0.5, **options)
    with pytest.raises(ValueError, match="weight_dropout=0.5"):
        layer(INPUTS, training=True)


def test_a_weight_dropout_above_one_raises():
    with pytest.raises(ValueError, match=r"weight_dropout=1\.5"):
        layers.GRU(3, weight_dropout=1.5)


@pytest.mark.parametrize("cell", variants.extended(["lstm", "gru"], "lstm"))
def test_litert_runs_an_exported_stack_with_its_builtin_ops(cell):
    stack = layers.RecurrentStack(cell, 5, bidirectional=True)
    stack.build((1, 6, 3))
    signature = [tf.TensorSpec([1, 6, 3])]
    graph = tf.function(stack, input_signature=signature)
    frozen = convert_to_constants.convert_variables_to_constants_v2(
        graph.get_concrete_function()
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    interpreter = tf.lite.Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()
    index = interpreter.get_input_details()[0]["index"]
    interpreter.set_tensor(index, INPUTS[:1])
    interpreter.invoke()
    index = interpreter.get_output_details()[0]["index"]
    outputs = interpreter.get_tensor(index)
    np.testing.assert_allclose(outputs, stack(INPUTS[:1]), atol=1e-6)


@pytest.mark.parametrize("valid", [False, True])
def test_a_mask_that_cudnn_rejects_bypasses_it(monkeypatch, valid):
    """As on a GPU, with Keras's loop in place of cuDNN's."""
    layer = layers.LSTM(5, return_sequences=True)
    layer.build(INPUTS.shape)
    mask = RIGHT if valid else RIGHT[:, ::-1]
    expected = layer(INPUTS, mask=mask)
    masked_calls = []
    plain = keras.layers.LSTM.inner_loop

    def cudnn(self, sequences, state, mask, training=False):
        masked_calls.append(mask is not None)
        last, outputs, states = plain(self, sequences, state, mask, training)
        return last, tf.where(mask[..., None], outputs, 0), states

    monkeypatch.setattr(keras.layers.LSTM, "inner_loop", cudnn)
    monkeypatch.setattr(
        custom_gradient.CustomGradientRNN,
        "uses_cudnn",
        lambda self: True,
    )
    np.testing.assert_allclose(layer(INPUTS, mask=mask), expected, atol=1e-6)
    assert masked_calls == [True] * valid


@pytest.mark.gpu
@pairs
def test_cudnn_outputs_equal_those_of_a_cpu(ours, stock):
    layer = ours(5, return_sequences=True)
    outputs = []
    for device in "/CPU:0", "/GPU:0":
        with tf.device(device):
            outputs.append(layer(INPUTS, mask=RIGHT, training=True))
    np.testing.assert_allclose(*outputs, atol=1e-5)
