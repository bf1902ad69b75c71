"""What holds for all convolutional recurrent layers."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from tests import variants
from tests.common.layers.recurrent import maps

every_mask = pytest.mark.parametrize(
    "mask", variants.extended(maps.MASKS, "holes", "all_masked")
)


@maps.quick_kinds
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
@maps.every_kind
def test_masked_steps_are_as_if_they_were_not_there(kind, mask):
    layer, inputs, mask = (
        maps.make(kind, **maps.STATES),
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


@maps.every_kind
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


@maps.every_kind
def test_what_masked_steps_hold_has_no_influence(kind):
    layer, inputs, mask = (
        maps.make(kind, **maps.STATES),
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


@maps.every_kind
def test_masks_of_numbers_and_with_a_third_axis(kind):
    layer, inputs, mask = maps.make(kind), maps.sequences(), maps.MASKS["holes"]
    expected = layer(inputs, mask=mask)
    np.testing.assert_array_equal(layer(inputs, mask=mask[..., None]), expected)
    np.testing.assert_array_equal(layer(inputs, mask=mask * 1), expected)


@pytest.mark.parametrize("batch", [1, 3])
@maps.every_kind
def test_frame_by_frame_gives_the_bits_of_the_whole_clip(kind, batch):
    layer, inputs = maps.make(kind, **maps.STATES), maps.sequences(batch)

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


@maps.every_kind
def test_a_stateful_layer_continues_from_its_last_state(kind):
    layer = maps.make(kind, stateful=True, return_sequences=True)
    inputs = maps.sequences()
    whole = maps.make(kind, return_sequences=True)(inputs)
    for _ in range(2):
        parts = [layer(inputs[:, :1]), layer(inputs[:, 1:])]
        np.testing.assert_allclose(np.concatenate(parts, 1), whole, atol=1e-6)
        layer.reset_state()


@maps.quick_kinds
def test_backward_in_time_is_forward_of_reversed_steps(kind):
    inputs = maps.sequences()
    backward = maps.make(kind, go_backwards=True, return_sequences=True)
    forward = maps.make(kind, return_sequences=True)
    np.testing.assert_allclose(
        backward(inputs), forward(inputs[:, ::-1]), atol=1e-6
    )
    both_ways = keras.layers.Bidirectional(forward)(inputs)
    assert both_ways.shape[-1] == 2 * maps.FILTERS


@maps.every_kind
def test_an_unrolled_layer_gives_the_same_outputs(kind):
    inputs, mask = maps.sequences(), maps.MASKS["holes"]
    outputs = [
        maps.make(kind, unroll=unroll)(inputs, mask=mask)
        for unroll in (False, True)
    ]
    np.testing.assert_allclose(*outputs, atol=1e-6)


@maps.every_kind
def test_outputs_do_not_depend_on_the_other_examples_of_a_batch(kind):
    layer, inputs = maps.make(kind), maps.sequences()
    together = layer(inputs)
    alone = layer(inputs[2:3])
    np.testing.assert_allclose(alone[0], together[2], atol=1e-6)


@maps.every_kind
def test_states_of_one_example_are_repeated(kind):
    layer, inputs = maps.make(kind), maps.sequences()
    state = maps.states(layer, batch=1)
    repeated = [np.repeat(s, maps.BATCH, 0) for s in state]
    np.testing.assert_array_equal(
        layer(inputs, initial_state=state),
        layer(inputs, initial_state=repeated),
    )


@maps.every_kind
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
@maps.every_kind
def test_gradients_equal_central_differences(kind, training):
    layer = maps.make(kind, dtype="float64", **maps.STATES)
    maps.assert_central_differences(
        layer,
        maps.sequences(dtype="float64"),
        maps.states(layer, dtype="float64"),
        mask=maps.MASKS["holes"],
        training=training,
    )


@maps.every_kind
def test_half_precision_is_close_to_full_precision(kind):
    exact, half = maps.make(kind), maps.make(kind, dtype="mixed_bfloat16")
    inputs = maps.sequences()
    outputs = half(inputs, training=True)
    assert outputs.dtype == "bfloat16"
    np.testing.assert_allclose(
        tf.cast(outputs, "float32"), exact(inputs), atol=0.05
    )


@maps.quick_kinds
def test_one_training_step_changes_every_weight(kind):
    layer = maps.make(kind, dropout=0.2, weight_dropout=0.2)
    inputs = maps.sequences()
    model = keras.Sequential([keras.Input(inputs.shape[1:]), layer])
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
    before = [w.numpy() for w in layer.trainable_variables]
    model.fit(inputs, layer(inputs).numpy() + 1, verbose=0)
    for old, new in zip(before, layer.trainable_variables):
        assert not np.array_equal(old, new), new.path


@maps.every_kind
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
