"""The properties of every layer and every cell: one check for all of them."""

import functools
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from tests import variants

# The padded size is that of engine/test_custom_gradient.py: in a common
# process, XLA compiles the loops once.
BATCH, STEPS, PADDING, FEATURES = 6, 4, 2, 4
SEQUENCES = {"return_sequences": True}

LAYERS = {
    "simple_rnn": lambda **kw: layers.SimpleRNN(5, **SEQUENCES, **kw),
    "lstm": lambda **kw: layers.LSTM(5, **SEQUENCES, **kw),
    "lstm_weight_dropout": lambda **kw: layers.LSTM(
        5, weight_dropout=0.5, **SEQUENCES, **kw
    ),
    "lstm_dropout": lambda **kw: layers.LSTM(
        5, dropout=0.2, recurrent_dropout=0.2, **SEQUENCES, **kw
    ),
    "lstm_backwards": lambda **kw: layers.LSTM(
        5, go_backwards=True, zero_output_for_mask=True, **SEQUENCES, **kw
    ),
    "lstm_last": lambda **kw: layers.LSTM(5, **kw),
    "gru": lambda **kw: layers.GRU(5, **SEQUENCES, **kw),
    "gru_reset_before": lambda **kw: layers.GRU(
        5, reset_after=False, **SEQUENCES, **kw
    ),
    "bidirectional": lambda **kw: keras.layers.Bidirectional(
        layers.GRU(5, **SEQUENCES, **kw), **kw
    ),
    "stack": lambda **kw: layers.RecurrentStack(
        "lstm",
        4,
        depth=2,
        residual=True,
        deep_input=[4],
        deep_hidden=[3],
        deep_output=[5],
        **SEQUENCES,
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


def _layer_of_cell(make):
    return lambda **kw: layers.RNN(make(**kw), **SEQUENCES, **kw)


LAYERS |= {name: _layer_of_cell(make) for name, make in CELLS.items()}
RANDOM = "lstm_weight_dropout", "lstm_dropout", "zoneout"  # In training.
every_layer = pytest.mark.parametrize("kind", LAYERS)
# Of each kind of layer and of cell: one state and two, with and without our
# gradient, a stack, no recurrence.
QUICK_LAYERS = (
    *("lstm", "gru_reset_before", "stack", "max_pooling", "entity", "zoneout"),
)
quick_layers = pytest.mark.parametrize(
    "kind", variants.extended(LAYERS, *QUICK_LAYERS)
)


def build(kind, **kwargs):
    """Returns the layer with random weights, the same at each call."""
    layer = LAYERS[kind](**kwargs)
    layer.build((None, None, FEATURES))
    random = np.random.default_rng(1)
    layer.set_weights([random.normal(0, 0.4, w.shape) for w in layer.weights])
    return layer


@functools.cache
def shared(kind):
    """Returns a layer for the tests that leave its weights as they are."""
    return build(kind)


def sequences(batch=BATCH, steps=STEPS):
    random = np.random.default_rng(0)
    return random.normal(size=(batch, steps, FEATURES)).astype("f4")


def right_padded(batch=BATCH, steps=STEPS):
    return np.arange(steps) < steps - np.arange(batch)[:, None] % steps


def padded(steps):
    """Returns sequences and mask with more steps, whose values are no zeros."""
    longer = np.pad(sequences(), [(0, 0), (0, steps), (0, 0)], "reflect")
    return longer, np.pad(right_padded(), [(0, 0), (0, steps)])


def call(layer, inputs, mask=None, training=False):
    if isinstance(layer, layers.MaskedPooling):
        return layer(inputs, mask=mask)
    return layer(inputs, mask=mask, training=training)


@every_layer
def test_output_shape_equals_compute_output_shape(kind):
    layer = shared(kind)
    outputs = call(layer, sequences())
    assert layer.compute_output_shape((BATCH, STEPS, FEATURES)) == outputs.shape
    assert np.isfinite(outputs).all()


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(["lstm", "zoneout", "max_pooling"], id="three"),
        pytest.param([*LAYERS], id="all", marks=pytest.mark.extended),
    ],
)
def test_saved_model_equals_eager_execution(kinds, tmp_path):
    """All layers in one graph, which is faster to save than many."""
    inputs, mask = sequences(), right_padded()
    module = tf.Module()
    module.layers = {kind: shared(kind) for kind in kinds}

    def call_all(inputs, mask):
        return {k: call(x, inputs, mask) for k, x in module.layers.items()}

    signature = [
        tf.TensorSpec([None, None, FEATURES]),
        tf.TensorSpec([None, None], tf.bool),
    ]
    module.serve = tf.function(call_all, input_signature=signature)
    tf.saved_model.save(module, tmp_path / "saved")
    loaded = tf.saved_model.load(tmp_path / "saved")
    expected = call_all(inputs, mask)
    outputs = loaded.serve(tf.constant(inputs), tf.constant(mask))
    for kind in kinds:
        np.testing.assert_allclose(
            outputs[kind], expected[kind], rtol=1e-5, atol=1e-6, err_msg=kind
        )
    compiled = b"_XlaMustCompile"
    assert compiled not in (tmp_path / "saved/saved_model.pb").read_bytes()


def check_xla(kind):
    layer, inputs, mask = shared(kind), sequences(), right_padded()
    expected = call(layer, inputs, mask)
    run = tf.function(lambda x, m: call(layer, x, m), jit_compile=True)
    outputs = run(tf.constant(inputs), tf.constant(mask))
    np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["stack", "entity", "max_pooling"])
def test_xla_equals_eager_execution(kind):
    check_xla(kind)


@pytest.mark.slow
@every_layer
def test_xla_equals_eager_execution_for_every_layer(kind):
    check_xla(kind)


@quick_layers
def test_padding_changes_no_unmasked_output(kind):
    layer = shared(kind)
    expected = call(layer, sequences(), right_padded()).numpy()
    check_padding(layer, expected, 20)
    check_padding(layer, expected, PADDING)
    if kind not in RANDOM:
        check_padding(layer, expected, PADDING, training=True)


def check_padding(layer, expected, steps, training=False):
    mask = right_padded()
    outputs = call(layer, *padded(steps), training).numpy()
    if getattr(layer, "go_backwards", False):  # The last step comes first.
        np.testing.assert_allclose(outputs[:, steps:], expected, atol=1e-6)
        assert not outputs[:, :steps].any()
    elif outputs.ndim == 3:
        unmasked = outputs[:, :STEPS][mask]
        np.testing.assert_allclose(unmasked, expected[mask], atol=1e-6)
    else:
        np.testing.assert_allclose(outputs, expected, atol=1e-6)


@quick_layers
def test_outputs_do_not_depend_on_the_other_examples_of_a_batch(kind):
    layer, inputs, mask = shared(kind), sequences(20), right_padded(20)
    together = call(layer, inputs, mask).numpy()
    for i in range(3):
        alone = call(layer, inputs[i : i + 1], mask[i : i + 1]).numpy()
        np.testing.assert_allclose(alone[0], together[i], atol=1e-6)


def gradients(layer, inputs, mask, training):
    inputs = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = call(layer, inputs, mask, training)
        if isinstance(layer, layers.ActivationRegularization):
            outputs = outputs[mask]  # It returns its inputs.
        loss = tf.reduce_sum((outputs - 1) ** 2) + sum(layer.losses)
    sources = [inputs, *[w.value for w in layer.trainable_variables]]
    return [outputs, *tape.gradient(loss, sources)]


@quick_layers
def test_masked_values_have_no_influence(kind):
    """Neither on outputs nor on gradients: NaN, and infinity."""
    layer, (inputs, mask) = shared(kind), padded(PADDING)
    odd = np.arange(FEATURES) % 2 > 0
    extreme = np.where(odd, np.nan, np.inf).astype("f4")
    masked = np.where(mask[..., None], inputs, extreme)
    for training in False, True:
        results = gradients(layer, masked, mask, training)
        for result in results:
            assert np.isfinite(result).all()
        if not (training and kind in RANDOM):
            expected = gradients(layer, inputs, mask, training)
            for result, each in zip(results, expected):
                np.testing.assert_allclose(result, each, atol=1e-5)


@quick_layers
def test_inputs_of_other_dtypes_are_cast(kind):
    layer, training = shared(kind), kind not in RANDOM
    for dtype in "int64", "uint8", "bool", "float64":
        inputs = (np.abs(sequences()) * 2).astype(dtype)
        outputs = call(layer, tf.constant(inputs), training=training)
        expected = call(layer, inputs.astype("float32"), training=training)
        outputs = tf.cast(outputs, expected.dtype)
        np.testing.assert_allclose(outputs, expected, atol=1e-6)


@quick_layers
def test_every_weight_has_a_gradient(kind):
    layer = shared(kind)
    weights = [w.value for w in layer.trainable_variables]
    with tf.GradientTape() as tape:
        outputs = call(layer, *padded(PADDING), training=True)
        loss = tf.reduce_sum((outputs - 1) ** 2) + sum(layer.losses)
    for gradient, weight in zip(
        tape.gradient(loss, weights), layer.trainable_variables
    ):
        assert np.isfinite(gradient).all(), weight.path
        assert np.any(gradient), weight.path


@pytest.mark.slow
@every_layer
def test_one_fit_step_compiled_by_xla_changes_every_weight(kind):
    check_fit(kind)


@pytest.mark.extended
def test_one_fit_step_of_a_stack_changes_every_weight():
    check_fit("stack", jit_compile=False)


def check_fit(kind, **options):
    layer = build(kind)
    model = keras.Sequential([keras.Input((None, FEATURES)), layer])
    model.compile(keras.optimizers.SGD(0.1), "mse", **options)
    before = layer.get_weights()
    outputs = call(layer, sequences())
    history = model.fit(sequences(), outputs.numpy() + 1, verbose=0)
    assert np.isfinite(history.history["loss"][0])
    for old, new, weight in zip(before, layer.get_weights(), layer.weights):
        assert not np.array_equal(old, new), weight.path


@quick_layers
@pytest.mark.parametrize(
    ("policy", "tolerance"),
    [
        pytest.param("mixed_bfloat16", 0.02, marks=pytest.mark.slow),
        ("mixed_float16", 0.003),  # The smaller range.
    ],
)
def test_half_precision_is_close_to_full_precision(kind, policy, tolerance):
    if kind == "lstm_weight_dropout":
        pytest.skip("requires full precision; its error says so")
    exact, half = shared(kind), build(kind, dtype=policy)
    inputs, mask = sequences(), right_padded()
    outputs = call(half, inputs, mask)
    assert outputs.dtype == policy.removeprefix("mixed_")
    np.testing.assert_allclose(
        tf.cast(outputs, "float32"),
        call(exact, inputs, mask),
        atol=tolerance,
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


@pytest.mark.slow
def test_another_process_loads_every_layer(tmp_path):
    np.save(tmp_path / "inputs.npy", sequences())
    (tmp_path / "kinds.json").write_text(json.dumps(list(LAYERS)))
    expected = {}
    for kind in LAYERS:
        layer = shared(kind)
        model = keras.Sequential([keras.Input((None, FEATURES)), layer])
        model.save(tmp_path / f"{kind}.keras")
        expected[kind] = np.asarray(model(sequences()))
    subprocess.run([sys.executable, "-c", LOAD, tmp_path], check=True)
    with np.load(tmp_path / "outputs.npz") as outputs:
        for kind in LAYERS:
            np.testing.assert_allclose(
                outputs[kind], expected[kind], atol=1e-6, err_msg=kind
            )
