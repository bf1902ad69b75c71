"""What holds for all convolutional recurrent layers."""

import itertools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import convert_to_constants

from common import layers
from common.layers._engine import private_api
from tests.common.layers.recurrent import maps

STATES = {"return_sequences": True, "return_state": True}
every_kind = pytest.mark.parametrize("kind", maps.LAYERS)
# The stack of PredRNN takes the time of the two others together.
quick_kinds = pytest.mark.parametrize(
    "kind",
    [
        *("conv_lstm2d", "conv_gru2d"),
        pytest.param("st_lstm2d", marks=pytest.mark.slow),
    ],
)
every_mask = pytest.mark.parametrize("mask", maps.MASKS)


@quick_kinds
def test_output_shapes_equal_compute_output_shape(kind):
    inputs = maps.sequences()
    for sequences, state in itertools.product([False, True], repeat=2):
        layer = maps.make(kind, return_sequences=sequences, return_state=state)
        shapes = layer.compute_output_shape(inputs.shape)
        outputs = layer(inputs)
        if not state:
            shapes, outputs = [shapes], [outputs]
        assert [tuple(s) for s in shapes] == [x.shape for x in outputs]
        keras_outputs = layer(keras.Input(inputs.shape[1:], len(inputs)))
        for a, b in zip(keras.tree.flatten(keras_outputs), outputs):
            assert a.shape == b.shape


@every_mask
@every_kind
def test_masked_steps_are_as_if_they_were_not_there(kind, mask):
    layer, inputs, mask = (
        maps.make(kind, **STATES),
        maps.sequences(),
        maps.MASKS[mask],
    )
    initial = maps.states(layer)
    outputs, *last = layer(inputs, mask=mask, initial_state=initial)
    for row, steps in enumerate(mask):
        state = [s[row : row + 1] for s in initial]
        if steps.any():
            kept = inputs[row : row + 1, steps]
            expected, *state = layer(kept, initial_state=state)
            np.testing.assert_allclose(
                outputs[row].numpy()[steps], expected[0], atol=1e-6
            )
        for a, b in zip(last, state):
            np.testing.assert_allclose(a[row], b[0], atol=1e-6)


@every_kind
def test_masked_outputs_repeat_the_last_one_or_are_zero(kind):
    inputs, mask = maps.sequences(), maps.MASKS["holes"]
    outputs = maps.make(kind, return_sequences=True)(inputs, mask=mask)
    np.testing.assert_array_equal(outputs[0, 1], outputs[0, 0])
    assert not np.any(outputs[1, 0])
    assert not np.any(outputs[3])
    zeros = maps.make(kind, return_sequences=True, zero_output_for_mask=True)
    outputs = zeros(inputs, mask=mask).numpy()
    assert not outputs[~mask].any()
    assert outputs[mask].any()


@every_kind
def test_what_masked_steps_hold_has_no_influence(kind):
    layer, inputs, mask = (
        maps.make(kind, **STATES),
        maps.sequences(),
        maps.MASKS["holes"],
    )
    initial = maps.states(layer)
    odd = np.arange(maps.CHANNELS) % 2 > 0
    extreme = np.where(odd, np.nan, np.inf).astype("float32")
    extreme = np.where(mask[..., None, None, None], inputs, extreme)
    results = [
        sum(map(list, maps.gradients(layer, x, initial, mask)), [])
        for x in (extreme, inputs)
    ]
    for a, b in zip(*results):
        assert np.isfinite(a).all()
        np.testing.assert_allclose(a, b, atol=1e-5)


@every_kind
def test_masks_of_numbers_and_with_a_third_axis(kind):
    layer, inputs, mask = maps.make(kind), maps.sequences(), maps.MASKS["holes"]
    expected = layer(inputs, mask=mask)
    np.testing.assert_array_equal(layer(inputs, mask=mask[..., None]), expected)
    np.testing.assert_array_equal(layer(inputs, mask=mask * 1), expected)


@pytest.mark.parametrize("batch", [1, 3])
@every_kind
def test_frame_by_frame_gives_the_bits_of_the_whole_clip(kind, batch):
    layer, inputs = maps.make(kind, **STATES), maps.sequences(batch)

    @tf.function
    def run(inputs, states):
        return layer(inputs, initial_state=states)

    outputs, *last = tf.function(layer)(inputs)
    states = layer.get_initial_state(batch)
    for step in range(maps.STEPS):
        frame, *states = run(tf.constant(inputs[:, step : step + 1]), states)
        np.testing.assert_array_equal(frame[:, 0], outputs[:, step])
    for a, b in zip(states, last, strict=True):
        np.testing.assert_array_equal(a, b)


@every_kind
def test_a_stateful_layer_continues_from_its_last_state(kind):
    layer = maps.make(kind, stateful=True, return_sequences=True)
    inputs = maps.sequences()
    whole = maps.make(kind, return_sequences=True)(inputs)
    for _ in range(2):
        parts = [layer(inputs[:, :1]), layer(inputs[:, 1:])]
        np.testing.assert_allclose(np.concatenate(parts, 1), whole, atol=1e-6)
        layer.reset_state()


@quick_kinds
def test_backward_in_time_is_forward_of_reversed_steps(kind):
    inputs = maps.sequences()
    backward = maps.make(kind, go_backwards=True, return_sequences=True)
    forward = maps.make(kind, return_sequences=True)
    np.testing.assert_allclose(
        backward(inputs), forward(inputs[:, ::-1]), atol=1e-6
    )
    both_ways = keras.layers.Bidirectional(forward)(inputs)
    assert both_ways.shape[-1] == 2 * maps.FILTERS


@every_kind
def test_an_unrolled_layer_gives_the_same_outputs(kind):
    inputs, mask = maps.sequences(), maps.MASKS["holes"]
    outputs = [
        maps.make(kind, unroll=unroll)(inputs, mask=mask)
        for unroll in (False, True)
    ]
    np.testing.assert_allclose(*outputs, atol=1e-6)


@every_kind
def test_outputs_do_not_depend_on_the_other_examples_of_a_batch(kind):
    layer, inputs = maps.make(kind), maps.sequences()
    together = layer(inputs)
    alone = layer(inputs[2:3])
    np.testing.assert_allclose(alone[0], together[2], atol=1e-6)


@every_kind
def test_states_of_one_example_are_repeated(kind):
    layer, inputs = maps.make(kind), maps.sequences()
    state = maps.states(layer, batch=1)
    repeated = [np.repeat(s, maps.BATCH, 0) for s in state]
    np.testing.assert_array_equal(
        layer(inputs, initial_state=state),
        layer(inputs, initial_state=repeated),
    )


@every_kind
def test_integers_are_cast(kind):
    layer, inputs = (
        maps.make(kind),
        np.abs(maps.sequences() * 3).astype("uint8"),
    )
    np.testing.assert_array_equal(
        layer(inputs), layer(inputs.astype("float32"))
    )


@pytest.mark.parametrize(
    "training", [pytest.param(False, marks=pytest.mark.slow), True]
)
@every_kind
def test_gradients_equal_central_differences(kind, training):
    layer = maps.make(kind, dtype="float64", **STATES)
    maps.assert_central_differences(
        layer,
        maps.sequences(dtype="float64"),
        maps.states(layer, dtype="float64"),
        mask=maps.MASKS["holes"],
        training=training,
    )


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


@every_kind
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
@every_kind
def test_dropout_uses_one_mask_for_all_steps(kind, spatial, draws, monkeypatch):
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


@quick_kinds
def test_gradients_with_dropout_equal_central_differences(kind, draws):
    layer = maps.make(
        kind, dtype="float64", dropout=0.3, weight_dropout=0.3, **STATES
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


@quick_kinds
def test_dropout_acts_in_training_only_and_differs_between_calls(kind):
    for options in {"dropout": 0.5}, {"weight_dropout": 0.5}:
        layer = maps.make(kind, return_sequences=True, seed=3, **options)
        inputs = maps.sequences()
        first, second = (layer(inputs, training=True) for _ in range(2))
        assert not np.allclose(first, second)
        same = maps.make(kind, return_sequences=True, seed=3, **options)
        np.testing.assert_array_equal(same(inputs, training=True), first)
        np.testing.assert_array_equal(layer(inputs), same(inputs))


@quick_kinds
def test_a_saved_model_and_a_clone_give_equal_outputs(kind, tmp_path):
    options = {"dropout": 0.2, "weight_dropout": 0.1, "spatial_dropout": False}
    layer = maps.make(kind, kernel_initializer="he_normal", **options)
    inputs = maps.sequences()
    model = keras.Sequential([keras.Input(inputs.shape[1:]), layer])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    copies = [loaded, layers.clone_model(model)]
    for copy in copies:
        assert type(copy.layers[-1]) is type(layer)
        configs = [x.get_config() for x in (copy.layers[-1], layer)]
        assert json.dumps(configs[0]) == json.dumps(configs[1])
        np.testing.assert_array_equal(copy(inputs), model(inputs))


@quick_kinds
def test_a_saved_model_of_tensorflow_has_plain_operations(kind, tmp_path):
    layer = maps.make(kind, **STATES)
    inputs, mask = maps.sequences(), maps.MASKS["holes"]
    module = tf.Module()
    module.layer = layer
    shape = [None, None, maps.ROWS, maps.COLUMNS, maps.CHANNELS]

    @tf.function(
        input_signature=[
            tf.TensorSpec(shape),
            tf.TensorSpec([None, None], tf.bool),
        ]
    )
    def serve(inputs, mask):
        return layer(inputs, mask=mask)

    module.serve = serve
    tf.saved_model.save(module, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    for a, b in zip(loaded.serve(inputs, mask), layer(inputs, mask=mask)):
        np.testing.assert_allclose(a, b, atol=1e-6)
    saved = (tmp_path / "saved_model.pb").read_bytes()
    assert b"_XlaMustCompile" not in saved


@quick_kinds
def test_litert_runs_a_frozen_layer_with_its_builtin_ops(kind):
    layer, inputs = maps.make(kind), maps.sequences(1)
    graph = tf.function(layer, input_signature=[tf.TensorSpec(inputs.shape)])
    frozen = convert_to_constants.convert_variables_to_constants_v2(
        graph.get_concrete_function()
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
    interpreter = tf.lite.Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()
    index = interpreter.get_input_details()[0]["index"]
    interpreter.set_tensor(index, inputs)
    interpreter.invoke()
    index = interpreter.get_output_details()[0]["index"]
    outputs = interpreter.get_tensor(index)
    np.testing.assert_allclose(outputs, layer(inputs), atol=1e-5)


@pytest.mark.slow
@every_kind
def test_xla_gives_the_same_outputs(kind):
    layer, inputs = maps.make(kind), maps.sequences()
    outputs = tf.function(layer, jit_compile=True)(inputs)
    np.testing.assert_allclose(outputs, layer(inputs), atol=1e-5)


@every_kind
def test_half_precision_is_close_to_full_precision(kind):
    exact, half = maps.make(kind), maps.make(kind, dtype="mixed_bfloat16")
    inputs = maps.sequences()
    outputs = half(inputs, training=True)
    assert outputs.dtype == "bfloat16"
    np.testing.assert_allclose(
        tf.cast(outputs, "float32"), exact(inputs), atol=0.05
    )


@quick_kinds
def test_one_training_step_changes_every_weight(kind):
    layer = maps.make(kind, dropout=0.2, weight_dropout=0.2)
    inputs = maps.sequences()
    model = keras.Sequential([keras.Input(inputs.shape[1:]), layer])
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
    before = [w.numpy() for w in layer.trainable_variables]
    model.fit(inputs, layer(inputs).numpy() + 1, verbose=0)
    for old, new in zip(before, layer.trainable_variables):
        assert not np.array_equal(old, new), new.path


@every_kind
def test_errors_name_value_and_remedy(kind):
    with pytest.raises(ValueError, match="weight_dropout=1"):
        maps.LAYERS[kind](weight_dropout=1)
    layer = maps.make(kind)
    with pytest.raises(ValueError, match="no steps"):
        layer(maps.sequences()[:, :0])
    with pytest.raises(ValueError, match="same as the batch"):
        layer(maps.sequences(), initial_state=maps.states(layer, 3))
    with pytest.raises(ValueError, match="static|must be known"):
        maps.LAYERS[kind]().build((None, None, None, 3, 2))


@pytest.mark.parametrize(
    "options", [{"filters": 0}, {"kernel_size": 0}, {"kernel_size": (1, 2, 3)}]
)
@pytest.mark.parametrize(
    "make", [layers.ConvGRU2D, layers.SpatioTemporalLSTM2D]
)
def test_sizes_that_are_not_positive_raise(make, options):
    with pytest.raises(ValueError, match="use a positive number"):
        make(**{"filters": 2, "kernel_size": 3} | options)
    with pytest.raises(ValueError, match="dropout=-1"):
        make(2, 3, dropout=-1)
    with pytest.raises(ValueError, match="[Uu]nrecognized|unexpected"):
        make(2, 3, kernel=2)


def test_a_depth_of_zero_raises():
    with pytest.raises(ValueError, match="depth=0"):
        layers.SpatioTemporalLSTM2D(2, 3, depth=0)
