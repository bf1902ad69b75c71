"""AttentionDecoder: single steps, whole sequences and saved models agree."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from common.layers._engine import private_api
from tests import variants

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(3, 4, 2)).astype("f4")
MEMORY = RNG.normal(size=(3, 5, 3)).astype("f4")
INPUTS_MASK = np.arange(4) < np.array([[4], [2], [0]])
MEMORY_MASK = np.arange(5) < np.array([[5], [3], [0]])
MASKS = {"inputs_mask": INPUTS_MASK, "memory_mask": MEMORY_MASK}
CELLS = {
    "simple": lambda: keras.layers.SimpleRNNCell(6),
    "gru": lambda: keras.layers.GRUCell(6),
    "lstm": lambda: keras.layers.LSTMCell(6),
    "stack": lambda: keras.layers.StackedRNNCells(
        [keras.layers.GRUCell(4), keras.layers.LSTMCell(6)]
    ),
    "stack of a single cell": lambda: keras.layers.StackedRNNCells(
        [keras.layers.LSTMCell(6)]
    ),
}
with_and_without_feeding = pytest.mark.parametrize(
    "input_feeding", variants.extended([False, True], True)
)


def build(cell="lstm", input_feeding=False, **options):
    attention = layers.AdditiveAttention(4)
    cell = CELLS[cell]() if isinstance(cell, str) else cell
    return layers.AttentionDecoder(cell, attention, 7, input_feeding, **options)


def close(actual, expected):
    for a, b in zip(actual, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("input_feeding", [False, True])
def test_two_steps_by_hand(input_feeding):
    attention = layers.MultiplicativeAttention("dot")
    decoder = layers.AttentionDecoder(
        keras.layers.SimpleRNNCell(1), attention, 1, input_feeding
    )
    memory = np.array([[[0.2], [-0.9]]], "f4")
    decoder.build((1, 2, 1), memory.shape)
    decoder.cell.kernel.assign([[0.5], [-2]][: 1 + input_feeding])
    decoder.cell.recurrent_kernel.assign([[3]])
    decoder.cell.bias.assign([0.1])
    decoder.output_layer.kernel.assign([[0.7], [-0.4]])
    h = output = 0
    expected = []
    for x in (1.5, -0.5):
        h = np.tanh(0.5 * x - 2 * output * input_feeding + 3 * h + 0.1)
        shares = np.exp(h * memory[0, :, 0])
        shares = shares / shares.sum()
        output = np.tanh(0.7 * shares @ memory[0, :, 0] - 0.4 * h)
        expected.append((output, *shares))
    outputs, alignments = decoder(np.array([[[1.5], [-0.5]]], "f4"), memory)
    joined = np.concatenate([outputs, alignments], -1)
    np.testing.assert_allclose(joined, [expected], rtol=1e-5)


@pytest.mark.parametrize(
    ("cell", "input_feeding"), [*itertools.product(CELLS, [False, True])]
)
def test_single_steps_equal_a_call_with_all_steps(cell, input_feeding):
    decoder = build(cell, input_feeding, return_state=True)
    *expected, last = decoder(INPUTS, MEMORY, memory_mask=MEMORY_MASK)
    keys = decoder.attention.keys(MEMORY)
    states = decoder.get_initial_state(3)
    for t in range(4):
        output, states, alignments = decoder.step(
            INPUTS[:, t], states, MEMORY, MEMORY_MASK, keys
        )
        close([output, alignments], [e[:, t] for e in expected])
    close(states, last)


@with_and_without_feeding
def test_masked_steps_give_zeros_and_keep_the_states(input_feeding):
    decoder = build("lstm", input_feeding, return_state=True)
    outputs, alignments, states = decoder(INPUTS, MEMORY, **MASKS)
    assert not np.any(outputs.numpy()[~INPUTS_MASK])
    assert not np.any(alignments.numpy()[~INPUTS_MASK])
    for i, steps in enumerate(INPUTS_MASK.sum(1)[:2]):
        row = slice(i, i + 1)
        *alone, last = decoder(
            INPUTS[row, :steps], MEMORY[row], memory_mask=MEMORY_MASK[row]
        )
        close(alone, [r[row, :steps] for r in (outputs, alignments)])
        close(last, [s[row] for s in states])
    assert not any(np.any(s[2]) for s in states)


@with_and_without_feeding
@pytest.mark.parametrize("places", [3, 50])
def test_masked_places_change_nothing(input_feeding, places):
    decoder = build("gru", input_feeding)
    outputs, alignments = decoder(INPUTS, MEMORY, **MASKS)
    wider = [(0, 0), (0, places)]
    masks = {**MASKS, "memory_mask": np.pad(MEMORY_MASK, wider)}
    longer = np.pad(MEMORY, [*wider, (0, 0)], constant_values=9)
    same, padded = decoder(INPUTS, longer, **masks)
    close([same, padded[..., :5]], [outputs, alignments])


@with_and_without_feeding
def test_a_sequence_continues_from_the_last_states(input_feeding):
    decoder = build("stack", input_feeding, return_state=True)
    outputs, _, states = decoder(INPUTS, MEMORY)
    first, _, between = decoder(INPUTS[:, :3], MEMORY)
    rest, _, last = decoder(INPUTS[:, 3:], MEMORY, initial_state=between)
    close([np.concatenate([first, rest], 1), *last], [outputs, *states])


@with_and_without_feeding
def test_encoder_states_initialize_the_decoder(input_feeding):
    decoder = build("lstm", input_feeding)
    decoder(INPUTS, MEMORY)
    h, c = RNG.normal(size=(2, 3, 6)).astype("f4")
    outputs, _ = decoder(INPUTS, MEMORY, initial_state=[h, c])
    states = decoder.get_initial_state(3, [h, c])
    output, _, _ = decoder.step(INPUTS[:, 0], states, MEMORY)
    close([output], [outputs[:, 0]])


def test_keras_masks_are_used_and_the_inputs_mask_is_passed_on():
    decoder = build("gru", input_feeding=True)
    expected = decoder(INPUTS, MEMORY, **MASKS)
    hide = keras.layers.Masking()
    outputs, alignments = decoder(
        hide(np.where(INPUTS_MASK[..., None], INPUTS, 0)),
        hide(np.where(MEMORY_MASK[..., None], MEMORY, 0)),
    )
    close([outputs, alignments], expected)
    mask = private_api.get_keras_mask
    np.testing.assert_array_equal(mask(outputs), INPUTS_MASK)
    assert mask(alignments) is None


@with_and_without_feeding
def test_every_weight_has_a_gradient(input_feeding):
    decoder = build("stack", input_feeding)
    with tf.GradientTape() as tape:
        outputs, _ = decoder(INPUTS, MEMORY, **MASKS, training=True)
        loss = tf.reduce_sum(outputs**2)
    for gradient in tape.gradient(loss, decoder.trainable_variables):
        assert np.any(gradient) and np.all(np.isfinite(gradient))


@with_and_without_feeding
def test_dropout_is_drawn_once_per_sequence_and_only_in_training(input_feeding):
    cell = keras.layers.SimpleRNNCell(50, dropout=0.5, seed=1)
    decoder = build(cell, input_feeding, return_state=True)
    decoder.build((None, None, 2), (None, None, 3))
    cell.recurrent_kernel.assign(tf.zeros((50, 50)))
    train = tf.function(lambda x: decoder(x, MEMORY, training=True)[0])
    same = np.repeat(INPUTS[:, :1], 4, axis=1)
    first, second = train(same), train(same)
    assert not np.allclose(first, second)
    if not input_feeding:  # Otherwise the steps differ in what is fed.
        np.testing.assert_allclose(first[:, 0], first[:, 3], rtol=1e-5)
    states = decoder.get_initial_state(3)
    step = tf.function(
        lambda: decoder.step(INPUTS[:, 0], states, MEMORY, training=True)[0]
    )
    assert not np.allclose(step(), step())
    close(decoder(same, MEMORY)[:1], decoder(same, MEMORY)[:1])


@pytest.fixture
def half_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


@with_and_without_feeding
@pytest.mark.usefixtures("half_precision")
def test_half_precision_outputs_are_finite(input_feeding):
    decoder = build("lstm", input_feeding)
    for result in decoder(INPUTS, MEMORY, **MASKS):
        assert result.dtype == "float16" and np.all(np.isfinite(result))


@with_and_without_feeding
def test_a_saved_model_is_loaded_with_equal_outputs(input_feeding, tmp_path):
    inputs, memory = keras.Input((None, 2)), keras.Input((None, 3))
    encoded, *states = keras.layers.LSTM(
        6, return_sequences=True, return_state=True
    )(memory)
    results = build("lstm", input_feeding)(
        inputs, encoded, initial_state=states
    )
    model = keras.Model([inputs, memory], results)
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    close(again([INPUTS, MEMORY]), model([INPUTS, MEMORY]))


class Speller(keras.Model):
    """Greedy decoding: feeds back the most probable symbol, five times."""

    def __init__(self, decoder):
        super().__init__()
        self.decoder = decoder

    def call(self, memory):
        decoder, batch = self.decoder, tf.shape(memory)[0]
        keys = decoder.attention.keys(memory)

        def body(time, inputs, states, symbols, results):
            output, states, _ = decoder.step(inputs, states, memory, keys=keys)
            symbols = symbols.write(time, inputs)
            results = results.write(time, output)
            inputs = tf.one_hot(tf.argmax(output, -1), 7)
            return time + 1, inputs, states, symbols, results

        arrays = [
            tf.TensorArray(tf.float32, 5, element_shape=[None, 7])
            for _ in range(2)
        ]
        start = tf.zeros([batch, 7]), decoder.get_initial_state(batch)
        *_, symbols, results = tf.while_loop(
            lambda time, *_: time < 5, body, (0, *start, *arrays)
        )
        return [tf.transpose(a.stack(), [1, 0, 2]) for a in (symbols, results)]


@with_and_without_feeding
@pytest.mark.parametrize("cell", variants.extended(["gru", "stack"], "stack"))
def test_a_decoding_loop_can_be_exported(cell, input_feeding, tmp_path):
    decoder = build(cell, input_feeding)
    decoder.build((None, None, 7), (None, None, 3))
    model = Speller(decoder)
    serve = tf.function(model.call).get_concrete_function(
        tf.TensorSpec((None, None, 3))
    )
    tf.saved_model.save(model, tmp_path, signatures=serve)
    exported = tf.saved_model.load(tmp_path)
    for memory in (MEMORY, MEMORY[:1, :2]):
        answer = exported.signatures["serving_default"](tf.constant(memory))
        symbols, results = answer["output_0"], answer["output_1"]
        close([symbols, results], model.call(memory))
        close([results], decoder(symbols, memory)[:1])


def test_a_layer_in_place_of_a_cell_raises():
    with pytest.raises(ValueError, match="use an RNN cell"):
        build(keras.layers.LSTM(6))


def test_the_number_of_states_is_checked():
    decoder = build("lstm", input_feeding=True)
    with pytest.raises(ValueError, match="1 initial states: expected 2 or 3"):
        decoder(INPUTS, MEMORY, initial_state=[np.zeros((3, 6), "f4")])


def test_a_step_before_build_raises():
    with pytest.raises(ValueError, match="has no weights yet"):
        build("gru").step(INPUTS[:, 0], [np.zeros((3, 6), "f4")], MEMORY)


@with_and_without_feeding
def test_masked_values_have_no_influence(input_feeding):
    """Neither on the outputs nor on gradients: NaN, and infinity."""
    decoder = build("gru", input_feeding)
    decoder.build(INPUTS.shape, MEMORY.shape)
    extreme = [
        np.where(mask[..., None], x, np.float32(value))
        for x, mask, value in (
            (INPUTS, INPUTS_MASK, np.nan),
            (MEMORY, MEMORY_MASK, np.inf),
        )
    ]
    results = []
    for inputs, memory in extreme, (INPUTS, MEMORY):
        sources = [tf.constant(inputs), tf.constant(memory)]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs = decoder(*sources, **MASKS, training=True)
            loss = sum(tf.reduce_sum(x**2) for x in outputs)
        sources += decoder.trainable_variables
        results.append([*outputs, *tape.gradient(loss, sources)])
    close(*results)


def test_masked_places_have_no_influence_on_a_step():
    decoder = build()
    decoder.build(INPUTS.shape, MEMORY.shape)
    states = decoder.get_initial_state(3)
    results = []
    for memory in np.where(MEMORY_MASK[..., None], MEMORY, np.nan), MEMORY:
        keys = decoder.attention.keys(memory)
        output, _, alignments = decoder.step(
            INPUTS[:, 0], states, memory, MEMORY_MASK, keys
        )
        results.append([output, alignments])
    close(*results)


@with_and_without_feeding
def test_inputs_of_other_dtypes_are_cast(input_feeding):
    decoder = build("gru", input_feeding)
    inputs, memory = (2 * INPUTS).astype("int64"), (2 * MEMORY).astype("int64")
    for training in False, True:
        outputs = decoder(inputs, memory, **MASKS, training=training)
        floats = inputs.astype("f4"), memory.astype("f4")
        close(outputs, decoder(*floats, **MASKS, training=training))


@with_and_without_feeding
def test_the_cell_may_have_another_dtype(input_feeding):
    cell = keras.layers.GRUCell(6, dtype="float32")
    decoder = layers.AttentionDecoder(
        cell,
        layers.AdditiveAttention(4, dtype="mixed_bfloat16"),
        7,
        input_feeding,
        dtype="mixed_bfloat16",
    )
    outputs, _ = decoder(INPUTS, MEMORY, **MASKS)
    exact = build(cell, input_feeding)
    exact.build(INPUTS.shape, MEMORY.shape)
    exact.set_weights(decoder.get_weights())
    expected, _ = exact(INPUTS, MEMORY, **MASKS)
    assert outputs.dtype == "bfloat16"
    np.testing.assert_allclose(tf.cast(outputs, "float32"), expected, atol=0.05)
