"""What holds for every layer and every cell: one check for all of them."""

import functools
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers

FEATURES = 4
RUN = functools.partial(layers.RNN, return_sequences=True)
BOTH = {"return_sequences": True}

LAYERS = {
    "simple_rnn": lambda **kw: layers.SimpleRNN(5, **BOTH, **kw),
    "lstm": lambda **kw: layers.LSTM(5, **BOTH, **kw),
    "lstm_weight_dropout": lambda **kw: layers.LSTM(
        5, weight_dropout=0.5, **BOTH, **kw
    ),
    "lstm_dropout": lambda **kw: layers.LSTM(
        5, dropout=0.2, recurrent_dropout=0.2, **BOTH, **kw
    ),
    "lstm_backwards": lambda **kw: layers.LSTM(
        5, go_backwards=True, zero_output_for_mask=True, **BOTH, **kw
    ),
    "lstm_last": lambda **kw: layers.LSTM(5, **kw),
    "gru": lambda **kw: layers.GRU(5, **BOTH, **kw),
    "gru_reset_before": lambda **kw: layers.GRU(
        5, reset_after=False, **BOTH, **kw
    ),
    "bidirectional": lambda **kw: keras.layers.Bidirectional(
        layers.GRU(5, **BOTH, **kw), **kw
    ),
    "stack": lambda **kw: layers.RecurrentStack(
        "lstm",
        4,
        depth=2,
        residual=True,
        deep_input=[4],
        deep_hidden=[3],
        deep_output=[5],
        **BOTH,
        **kw,
    ),
    "mean_pooling": lambda **kw: layers.MaskedPooling("mean", **kw),
    "max_pooling": lambda **kw: layers.MaskedPooling("max", **kw),
    "activation_regularization": lambda **kw: layers.ActivationRegularization(
        1.0, 1.0, **kw
    ),
}
CELLS = {
    "peephole_lstm": lambda **kw: layers.PeepholeLSTMCell(5, **kw),
    "cifg_lstm": lambda **kw: layers.CIFGLSTMCell(5, **kw),
    "entity": lambda **kw: layers.EntityCell(FEATURES, slots=3, **kw),
    "updating_gru": lambda **kw: layers.UpdatingGRUCell(5, **kw),
    "updating_gru_after": lambda **kw: layers.UpdatingGRUCell(
        5, reset_after=True, **kw
    ),
    "irnn": lambda **kw: layers.IRNNCell(5, **kw),
    "leaky": lambda **kw: layers.LeakyCell(5, alpha=0.7, **kw),
    "time_skip": lambda **kw: layers.TimeSkipCell(5, skip=3, **kw),
    "recurrent_highway": lambda **kw: layers.RecurrentHighwayCell(5, **kw),
    "nas": lambda **kw: layers.NASCell(5, **kw),
    "jordan": lambda **kw: layers.JordanCell(5, output_units=3, **kw),
    "layer_norm_lstm": lambda **kw: layers.LayerNormLSTMCell(5, **kw),
    "zoneout": lambda **kw: layers.ZoneoutCell(
        keras.layers.LSTMCell(5, **kw), rates=[0.1, 0.5], **kw
    ),
    "deep_transition": lambda **kw: layers.DeepTransitionCell(
        keras.layers.GRUCell(5, **kw), [6], **kw
    ),
}


def _running(make):
    return lambda **kw: layers.RNN(make(**kw), **BOTH, **kw)


LAYERS |= {name: _running(make) for name, make in CELLS.items()}
every_layer = pytest.mark.parametrize("kind", LAYERS)


def build(kind, **kwargs):
    """Returns the layer with random weights, the same at each call."""
    layer = LAYERS[kind](**kwargs)
    layer.build((None, None, FEATURES))
    random = np.random.default_rng(1)
    layer.set_weights([random.normal(0, 0.4, w.shape) for w in layer.weights])
    return layer


def sequences(batch=3, steps=6):
    random = np.random.default_rng(0)
    return random.normal(size=(batch, steps, FEATURES)).astype("f4")


def right_padded(batch=3, steps=6):
    return np.arange(steps) < steps - np.arange(batch)[:, None] % steps


def call(layer, inputs, mask=None, training=False):
    if isinstance(layer, layers.MaskedPooling):
        return layer(inputs, mask=mask)
    return layer(inputs, mask=mask, training=training)


@every_layer
def test_the_shape_is_as_announced(kind):
    layer = build(kind)
    outputs = call(layer, sequences(3, 6))
    assert layer.compute_output_shape((3, 6, FEATURES)) == outputs.shape
    assert np.isfinite(outputs).all()


@every_layer
def test_eager_graph_xla_and_saved_model_agree(kind, tmp_path):
    layer, inputs, mask = build(kind), sequences(), right_padded()
    signature = [
        tf.TensorSpec([None, None, FEATURES]),
        tf.TensorSpec([None, None], tf.bool),
    ]
    graph = tf.function(
        lambda x, mask: call(layer, x, mask), input_signature=signature
    )
    xla = tf.function(lambda x, mask: call(layer, x, mask), jit_compile=True)
    module = tf.Module()
    module.layer, module.serve = layer, graph
    tf.saved_model.save(module, tmp_path / "saved")
    loaded = tf.saved_model.load(tmp_path / "saved")
    expected = call(layer, inputs, mask).numpy()
    for run in graph, xla, loaded.serve:
        outputs = run(tf.constant(inputs), tf.constant(mask))
        np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-6)
    compiled = b"_XlaMustCompile"
    assert compiled not in (tmp_path / "saved/saved_model.pb").read_bytes()


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_padding_changes_nothing(kind, training):
    """Not the values that the mask keeps, nor the one at the end."""
    layer, inputs, mask = build(kind), sequences(), right_padded()
    if training and "dropout" in kind or kind == "zoneout":
        pytest.skip("draws random numbers")
    if (
        kind == "lstm_backwards"
    ):  # Its outputs are those of the last step first.
        return check_padding_before(layer, inputs, mask, training)
    expected = call(layer, inputs, mask, training).numpy()
    for more in 3, 50:
        longer = np.pad(inputs, [(0, 0), (0, more), (0, 0)], "reflect")
        mask_ = np.pad(mask, [(0, 0), (0, more)])
        outputs = call(layer, longer, mask_, training).numpy()
        if outputs.ndim == 3:
            kept = outputs[:, :6][mask]
            np.testing.assert_allclose(kept, expected[mask], atol=1e-6)
        else:
            np.testing.assert_allclose(outputs, expected, atol=1e-6)
    return None


def check_padding_before(layer, inputs, mask, training):
    expected = call(layer, inputs, mask, training).numpy()
    longer = np.pad(inputs, [(0, 0), (0, 50), (0, 0)], "reflect")
    mask = np.pad(mask, [(0, 0), (0, 50)])
    outputs = call(layer, longer, mask, training).numpy()
    np.testing.assert_allclose(outputs[:, 50:], expected, atol=1e-6)
    assert not outputs[:, :50].any()


@every_layer
def test_each_example_is_answered_alone_as_in_a_batch(kind):
    layer, inputs, mask = build(kind), sequences(20), right_padded(20)
    together = call(layer, inputs, mask).numpy()
    for i in range(3):
        alone = call(layer, inputs[i : i + 1], mask[i : i + 1]).numpy()
        np.testing.assert_allclose(alone[0], together[i], atol=1e-6)


@every_layer
def test_one_fit_step_changes_every_weight(kind):
    layer = build(kind)
    model = keras.Sequential([keras.Input((None, FEATURES)), layer])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = layer.get_weights()
    outputs = call(layer, sequences())
    history = model.fit(sequences(), outputs.numpy() + 1, verbose=0)
    assert np.isfinite(history.history["loss"][0])
    for old, new, weight in zip(before, layer.get_weights(), layer.weights):
        assert not np.array_equal(old, new), weight.path


@every_layer
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_near(kind, policy):
    if kind == "lstm_weight_dropout":
        pytest.skip("needs full precision, and says so")
    exact, half = build(kind), build(kind, dtype=policy)
    inputs, mask = sequences(), right_padded()
    outputs = call(half, inputs, mask)
    assert outputs.dtype == policy.removeprefix("mixed_")
    np.testing.assert_allclose(
        tf.cast(outputs, "float32"), call(exact, inputs, mask), atol=0.1
    )
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(call(half, inputs, mask, training=True))
    weights = [w.value for w in half.trainable_variables]
    for gradient in tape.gradient(loss, weights):
        assert np.isfinite(gradient).all()


LOAD = """
import json, sys
import keras, numpy as np
from common import layers
inputs = np.load(sys.argv[1] + "/inputs.npy")
outputs = {}
for kind in json.load(open(sys.argv[1] + "/kinds.json")):
    model = keras.saving.load_model(f"{sys.argv[1]}/{kind}.keras")
    outputs[kind] = np.asarray(model(inputs))
np.savez(sys.argv[1] + "/outputs.npz", **outputs)
"""


def test_every_layer_comes_back_in_another_process(tmp_path):
    np.save(tmp_path / "inputs.npy", sequences())
    (tmp_path / "kinds.json").write_text(json.dumps(list(LAYERS)))
    expected = {}
    for kind in LAYERS:
        model = keras.Sequential([keras.Input((None, FEATURES)), build(kind)])
        model.save(tmp_path / f"{kind}.keras")
        expected[kind] = np.asarray(model(sequences()))
    subprocess.run([sys.executable, "-c", LOAD, tmp_path], check=True)
    with np.load(tmp_path / "outputs.npz") as outputs:
        for kind in LAYERS:
            np.testing.assert_allclose(
                outputs[kind], expected[kind], atol=1e-6, err_msg=kind
            )
