"""Batch sizes, masks and lengths that recurrent layers are called with."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers

PAIRS = [
    (layers.LSTM, keras.layers.LSTM),
    (layers.GRU, keras.layers.GRU),
    (layers.SimpleRNN, keras.layers.SimpleRNN),
]
pairs = pytest.mark.parametrize(
    ("ours", "stock"),
    [PAIRS[0], *(pytest.param(*p, marks=pytest.mark.slow) for p in PAIRS[1:])],
)
INPUTS = np.random.default_rng(0).normal(size=(4, 5, 3)).astype("f4")
MEMORY = np.random.default_rng(1).normal(size=(4, 7, 3)).astype("f4")
MASK = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 1, 0]] * 2, bool)
UNKNOWN_BATCH = tf.TensorSpec([None, 5, 3])
UNKNOWN_TIME = tf.TensorSpec([4, None, 3])
UNKNOWN = tf.TensorSpec([None, None, 3])


def stateful_model(layer):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(2, 5, 3)),
            layer(4, stateful=True),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def batches(examples):
    """Returns a data set whose batch size the graph does not know."""
    data = INPUTS[:examples], INPUTS[:examples, 0, :1]
    return tf.data.Dataset.from_tensor_slices(data).batch(2)


@pytest.mark.extended
@pairs
def test_a_stateful_model_trains_on_batches_of_unknown_size(ours, stock):
    weights, predictions = [], []
    for layer in ours, stock:
        model = stateful_model(layer)
        model.fit(batches(4), verbose=0)
        weights.append(model.get_weights())
        predictions.append(model.predict(batches(4), verbose=0))
    for a, b in zip(*weights):
        np.testing.assert_allclose(a, b, atol=1e-6)
    np.testing.assert_allclose(*predictions, atol=1e-6)


def test_a_smaller_last_batch_of_a_stateful_model_raises():
    model = stateful_model(layers.LSTM)
    message = r"same as the batch size of the initial state.*\[2\].*\[1\]"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        model.fit(batches(3), verbose=0)


@pytest.mark.parametrize("examples", [1, 3])
def test_another_batch_size_raises_in_xla(examples):
    layer = layers.SimpleRNN(4, stateful=True)
    layer.build((2, 5, 3))
    run = tf.function(layer, jit_compile=True, input_signature=[UNKNOWN_BATCH])
    assert run(INPUTS[:2]).shape == (2, 4)
    with pytest.raises(tf.errors.InvalidArgumentError, match="EnsureShape"):
        run(INPUTS[:examples])


@pytest.mark.parametrize("training", [False, True])
@pairs
def test_initial_states_give_the_batch_size_of_the_inputs(
    ours, stock, training
):
    layer = ours(4)
    layer.build(INPUTS.shape)
    count = len(layer.get_initial_state(4))
    states = [tf.ones((4, 4)) * i for i in range(count)]
    expected = layer(INPUTS, initial_state=states)
    run = tf.function(
        lambda x: layer(x, initial_state=states, training=training),
        input_signature=[UNKNOWN_BATCH],
    )
    outputs = run(INPUTS)
    assert outputs.shape == (4, 4)
    np.testing.assert_allclose(outputs, expected, atol=1e-6)
    with pytest.raises(tf.errors.InvalidArgumentError, match="batch size"):
        run(INPUTS[:3])


CELLS = {
    "peephole": layers.PeepholeLSTMCell,
    "stack": lambda n: [keras.layers.LSTMCell(n), keras.layers.GRUCell(n)],
    "zoneout": lambda n: layers.ZoneoutCell(keras.layers.GRUCell(n)),
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_stateful_rnn_runs_on_batches_of_unknown_size(cell):
    keras.utils.set_random_seed(1)
    layer = layers.RNN(CELLS[cell](4), stateful=True)
    layer.build(INPUTS.shape)
    run = tf.function(layer, input_signature=[UNKNOWN_BATCH])
    outputs = [run(INPUTS), run(INPUTS)]
    layer.reset_state()
    expected = [layer(INPUTS), layer(INPUTS)]
    np.testing.assert_allclose(outputs, expected, atol=1e-6)


@pytest.mark.parametrize("signature", [tf.TensorSpec([4, 5, 3]), UNKNOWN])
@pairs
def test_an_initial_state_of_one_example_is_repeated(ours, stock, signature):
    layer, reference = ours(4), stock(4)
    for each in layer, reference:
        each.build(INPUTS.shape)
    reference.set_weights(layer.get_weights())
    count = len(layer.state_size)
    states = [np.full((1, 4), i + 0.5, "f4") for i in range(count)]
    run = tf.function(
        lambda x: layer(x, initial_state=states), input_signature=[signature]
    )
    expected = reference(INPUTS, initial_state=states)
    np.testing.assert_allclose(run(INPUTS), expected, atol=1e-6)


def test_initial_states_of_another_batch_size_raise():
    states = [np.ones((2, 4), "f4")] * 2
    with pytest.raises(ValueError, match=r"size: 2 Received batch size: 4"):
        layers.LSTM(4)(INPUTS, initial_state=states)


LAYERS = {
    "lstm": lambda **kw: layers.LSTM(4, **kw),
    "gru": lambda **kw: layers.GRU(4, **kw),
    "simple_rnn": lambda **kw: layers.SimpleRNN(4, **kw),
    "unrolled": lambda **kw: layers.LSTM(4, unroll=True, **kw),
    "recurrent_dropout": lambda **kw: layers.LSTM(
        4, recurrent_dropout=0.0, activation="relu", **kw
    ),
    "rnn": lambda **kw: layers.RNN(layers.CIFGLSTMCell(4), **kw),
    "bidirectional": lambda **kw: keras.layers.Bidirectional(
        layers.GRU(4, **kw)
    ),
    "recurrent_stack": lambda **kw: layers.RecurrentStack(
        "gru", 4, depth=2, **kw
    ),
}
every_layer = pytest.mark.parametrize("kind", LAYERS)


@pytest.mark.parametrize(
    "training", [False, pytest.param(True, marks=pytest.mark.slow)]
)
@every_layer
def test_a_mask_with_an_axis_of_features_equals_one_without(kind, training):
    layer = LAYERS[kind](return_sequences=True)
    expected = layer(INPUTS, mask=MASK, training=training)
    outputs = layer(INPUTS, mask=MASK[..., None], training=training)
    np.testing.assert_array_equal(outputs, expected)


def decoder(feed):
    attention = layers.MultiplicativeAttention("general")
    return layers.AttentionDecoder(
        keras.layers.GRUCell(4), attention, 3, input_feeding=feed
    )


@pytest.mark.parametrize("feed", [False, True])
def test_masks_of_attention_may_have_an_axis_of_features(feed):
    layer = decoder(feed)
    results = [
        [
            *layer(INPUTS, MEMORY, inputs_mask=mask),
            *layer(MEMORY, INPUTS, memory_mask=mask),
        ]
        for mask in (MASK, MASK[..., None])
    ]
    for a, b in zip(*results):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", ["mean", "max"])
def test_masks_of_pooling_may_have_an_axis_of_features(kind):
    layer = layers.MaskedPooling(kind)
    outputs = [layer(INPUTS, mask=mask) for mask in (MASK, MASK[..., None])]
    np.testing.assert_array_equal(*outputs)


def test_masks_of_regularization_may_have_an_axis_of_features():
    losses = []
    for mask in MASK, MASK[..., None]:
        layer = layers.ActivationRegularization(1.0, 1.0)
        layer(INPUTS, mask=mask, training=True)
        losses.append(layer.losses)
    np.testing.assert_array_equal(*losses)


@pytest.mark.parametrize("feed", [False, True])
def test_a_decoder_without_steps_raises(feed):
    with pytest.raises(ValueError, match="have no steps"):
        decoder(feed)(INPUTS[:, :0], MEMORY)


@every_layer
def test_sequences_without_steps_raise(kind):
    layer = LAYERS[kind]()
    layer.build(INPUTS.shape)
    with pytest.raises(ValueError, match=r"\(4, 0, 3\) have no steps"):
        layer(INPUTS[:, :0])


@pytest.mark.parametrize(
    "signature", [UNKNOWN, pytest.param(UNKNOWN_TIME, marks=pytest.mark.slow)]
)
def test_a_graph_of_unknown_length_raises_without_steps(signature):
    layer = layers.GRU(4)
    layer.build(INPUTS.shape)
    run = tf.function(layer, input_signature=[signature])
    assert run(INPUTS).shape == (4, 4)
    with pytest.raises(tf.errors.InvalidArgumentError, match="have no steps"):
        run(INPUTS[:, :0])
