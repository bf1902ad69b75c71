"""The custom gradient: equal to Keras's, and to central differences.

Inputs have few shapes: XLA compiles the loops of a cell for each of them.
"""

import functools
import itertools

import hypothesis
import hypothesis.strategies as st
import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from tests import variants

BATCH, STEPS, FEATURES = 6, 6, 4
CELLS = {
    "peephole": layers.PeepholeLSTMCell,
    "cifg": layers.CIFGLSTMCell,
    "updating_gru": layers.UpdatingGRUCell,
    "updating_gru_after": functools.partial(
        layers.UpdatingGRUCell, reset_after=True
    ),
}


def _layer_of_cell(make_cell, rnn, units, dtype="float32", **kwargs):
    return rnn(make_cell(units, dtype=dtype), dtype=dtype, **kwargs)


# Our layer, and the layer of Keras that runs the same cell.
PAIRS = {
    "lstm": (layers.LSTM, keras.layers.LSTM),
    "gru": (layers.GRU, keras.layers.GRU),
    "gru_before": tuple(
        functools.partial(make, reset_after=False)
        for make in (layers.GRU, keras.layers.GRU)
    ),
    "simple_rnn": (layers.SimpleRNN, keras.layers.SimpleRNN),
    "relu": tuple(
        functools.partial(make, activation="relu")
        for make in (layers.SimpleRNN, keras.layers.SimpleRNN)
    ),
} | {
    name: tuple(
        functools.partial(_layer_of_cell, make_cell, rnn)
        for rnn in (layers.RNN, keras.layers.RNN)
    )
    for name, make_cell in CELLS.items()
}
QUICK_KINDS = "lstm", "simple_rnn"  # Two states, and one.
EXTENDED_KINDS = (*QUICK_KINDS, "cifg")  # And a cell of ours.
OPTIONS = "return_sequences", "go_backwards", "zero_output_for_mask"
every_layer = pytest.mark.parametrize("kind", PAIRS)
quick_layers = pytest.mark.parametrize(
    "kind", variants.extended(PAIRS, *QUICK_KINDS)
)


def make_pair(kind, units=5, features=FEATURES, **kwargs):
    """Returns our layer and Keras's with the same random weights."""
    ours, stock = [make(units, **kwargs) for make in PAIRS[kind]]
    random = np.random.default_rng(1)
    for layer in ours, stock:
        layer.build((None, None, features))
    stock.set_weights([random.normal(0, 0.5, w.shape) for w in stock.weights])
    ours.set_weights(stock.get_weights())
    return ours, stock


def normal(shape, dtype="float32", seed=0):
    return tf.constant(np.random.default_rng(seed).normal(size=shape), dtype)


def sequences(dtype="float32"):
    return normal((BATCH, STEPS, FEATURES), dtype)


def mixed_mask(batch=BATCH, steps=STEPS):
    """Returns a mask of full, right- and left-padded, gappy and empty rows."""
    time, row = np.arange(steps), np.arange(batch)[:, None]
    rows = [
        time >= 0 * row,
        time < 1 + row % steps,
        time >= row % steps,
        (time * 7 + row) % 3 > 0,
        time < 0 * row,
    ]
    return np.choose(row % len(rows), rows)


def results(layer, inputs, mask=None, training=True, graph=False):
    """Returns outputs and states, and gradients for all inputs and weights."""
    states = [
        normal((len(inputs), n), inputs.dtype, seed=2) for n in layer.state_size
    ]

    def run(inputs, states):
        sources = [inputs, *states, *[w.value for w in layer.weights]]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs = layer(
                inputs, initial_state=states, mask=mask, training=training
            )
            loss = sum(
                tf.reduce_sum(out * normal(out.shape, out.dtype, seed))
                for seed, out in enumerate(outputs)
            )
        return outputs, tape.gradient(loss, sources)

    outputs, gradients = (tf.function(run) if graph else run)(inputs, states)
    return [out.numpy() for out in outputs], [g.numpy() for g in gradients]


def assert_near(values, expected, tolerance):
    """Compares arrays relative to the largest number in each pair."""
    for value, other in zip(values, map(np.asarray, expected), strict=True):
        size = max(1.0, np.abs(other).max(initial=0))
        np.testing.assert_allclose(value, other, rtol=0, atol=tolerance * size)


@quick_layers
def test_masked_outputs_and_gradients_in_a_graph_equal_keras(kind):
    ours, stock = make_pair(kind, return_sequences=True, return_state=True)
    inputs, mask = sequences(), mixed_mask()
    outputs, gradients = results(ours, inputs, mask, graph=True)
    expected, expected_gradients = results(stock, inputs, mask)
    assert_near(outputs, expected, 1e-6)
    assert_near(gradients, expected_gradients, 1e-5)


@quick_layers
def test_double_precision_gradients_equal_keras_and_central_differences(kind):
    options = {"dtype": "float64", "return_state": True}
    inputs = sequences("float64")
    for return_sequences in False, True:
        ours, stock = make_pair(
            kind, return_sequences=return_sequences, **options
        )
        outputs, gradients = results(ours, inputs)
        expected, expected_gradients = results(stock, inputs)
        assert_near(outputs, expected, 1e-12)
        assert_near(gradients, expected_gradients, 1e-12)
    check_central_differences(ours, inputs)


def check_central_differences(layer, inputs):
    """Compares slopes along a random direction in each tensor.

    The differences are those of inference, which has a loop of its own.
    """
    count = len(layer.state_size)
    states = [normal((len(inputs), n), "float64") for n in layer.state_size]
    sources = [inputs, *states, *[w.value for w in layer.weights]]

    def loss(inputs, states, training):
        outputs = layer(inputs, initial_state=states, training=training)
        return sum(
            tf.reduce_sum(out * normal(out.shape, "float64", seed))
            for seed, out in enumerate(outputs)
        )

    with tf.GradientTape() as tape:
        tape.watch(sources)
        total = loss(inputs, states, training=True)
    gradients = tape.gradient(total, sources)
    infer = tf.function(functools.partial(loss, training=False))

    def loss_at(moved):
        for weight, value in zip(layer.weights, moved[1 + count :]):
            weight.assign(value)
        return float(infer(moved[0], moved[1 : 1 + count]))

    sources = [tf.identity(source) for source in sources]
    for i, gradient in enumerate(gradients):
        direction = normal(gradient.shape, "float64", seed=4 + i)
        losses = []
        for step in 1e-5, -1e-5:
            moved = list(sources)
            moved[i] = sources[i] + step * direction
            losses.append(loss_at(moved))
        slope = (losses[0] - losses[1]) / 2e-5
        expected = float(tf.reduce_sum(gradient * direction))
        assert expected == pytest.approx(slope, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(
    "kind",
    [
        *(
            pytest.param(kind, marks=pytest.mark.extended)
            for kind in EXTENDED_KINDS
        ),
        *(
            pytest.param(kind, marks=pytest.mark.slow)
            for kind in PAIRS
            if kind not in EXTENDED_KINDS
        ),
    ],
)
def test_outputs_equal_keras_for_all_combinations_of_options(kind):
    inputs = sequences()
    pair = make_pair(kind, return_state=True)
    states = [normal((len(inputs), n)) for n in pair[0].state_size]
    for values in itertools.product([False, True], repeat=3):
        for layer, (name, value) in itertools.product(
            pair, zip(OPTIONS, values)
        ):
            setattr(layer, name, value)
        for mask in None, mixed_mask():
            for training in False, True:
                outputs, expected = [
                    layer(
                        inputs,
                        initial_state=states,
                        mask=mask,
                        training=training,
                    )
                    for layer in pair
                ]
                assert_near(outputs, expected, 1e-6)


# With the last three, the layer runs Keras's implementation.
EACH_OPTION = [
    {"go_backwards": True},
    {"zero_output_for_mask": True},
    {"use_bias": False},
    {"recurrent_activation": "hard_sigmoid"},
    {"activation": "elu"},
    {"unroll": True},
]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *itertools.product(["lstm"], EACH_OPTION),
        *(
            pytest.param(kind, options, marks=pytest.mark.extended)
            for kind, options in [
                *itertools.product(["gru"], EACH_OPTION),
                *itertools.product(["gru_before"], EACH_OPTION[:3]),
            ]
        ),
    ],
    ids=str,
)
def test_gradients_equal_keras_for_each_option(kind, options):
    options = {"return_sequences": True, "return_state": True, **options}
    ours, stock = make_pair(kind, dtype="float64", **options)
    inputs, mask = sequences("float64"), mixed_mask()
    for training in False, True:
        outputs, gradients = results(ours, inputs, mask, training)
        expected, expected_gradients = results(stock, inputs, mask, training)
        assert_near(outputs, expected, 1e-12)
        assert_near(gradients, expected_gradients, 1e-12)


@pytest.mark.parametrize("name", ["dropout", "recurrent_dropout"])
@pytest.mark.parametrize(
    "kind", variants.extended(["lstm", "gru", "simple_rnn"], "lstm")
)
def test_dropout_masks_equal_keras(kind, name):
    pair = make_pair(
        kind, seed=3, return_sequences=True, return_state=True, **{name: 0.5}
    )
    mask = mixed_mask()
    gradients = [results(layer, sequences(), mask)[1] for layer in pair]
    assert_near(*gradients, 1e-5)


def check_lengths(kind, shapes):
    ours, stock = make_pair(kind, return_sequences=True)

    @tf.function(input_signature=[tf.TensorSpec([None, None, FEATURES])])
    def gradient(inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            loss = tf.reduce_sum(ours(inputs, training=True) ** 2)
        return tape.gradient(loss, inputs)

    for shape in shapes:
        inputs = normal((*shape, FEATURES))
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            loss = tf.reduce_sum(stock(inputs, training=True) ** 2)
        expected = tape.gradient(loss, inputs).numpy()
        assert_near([gradient(inputs).numpy()], [expected], 1e-5)


SHAPES = [(1, 1), (17, 8), (20, 70)]


@pytest.mark.extended
def test_graphs_take_a_known_batch_of_an_unknown_length():
    ours, stock = make_pair("gru", return_sequences=True)
    state = tf.ones([1, ours.units])

    def gradient(layer, inputs, state):
        with tf.GradientTape() as tape:
            tape.watch(state)
            outputs = layer(inputs, initial_state=state, training=True)
            loss = tf.reduce_sum(outputs**2)
        return tape.gradient(loss, state)

    @tf.function(
        input_signature=[
            tf.TensorSpec([1, None, FEATURES]),
            tf.TensorSpec(state.shape),
        ]
    )
    def graph(inputs, state):
        return gradient(ours, inputs, state)

    inputs = normal((1, 4, FEATURES))
    expected = gradient(stock, inputs, state).numpy()
    assert_near([graph(inputs, state).numpy()], [expected], 1e-5)


def test_graphs_take_batches_and_lengths_unknown_when_traced():
    check_lengths("lstm", SHAPES)


@pytest.mark.slow
@every_layer
def test_graphs_of_every_cell_take_unknown_batches_and_lengths(kind):
    check_lengths(kind, [*SHAPES, (3, 9)])


@pytest.mark.slow
@every_layer
@hypothesis.settings(max_examples=8)
@hypothesis.given(data=st.data())
def test_gradients_of_random_shapes_equal_keras(kind, data):
    """In float32 to 1e-5, in float64 to 1e-10, relative to the largest."""
    batch = data.draw(st.integers(1, 33), "batch")
    steps = data.draw(st.integers(1, 12), "steps")
    features, units = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    masked = data.draw(st.booleans(), "masked")
    dtype = data.draw(st.sampled_from(["float32", "float64"]), "dtype")
    options = {"return_sequences": True, "return_state": True}
    ours, stock = make_pair(kind, units, features, dtype=dtype, **options)
    inputs = normal((batch, steps, features), dtype)
    mask = mixed_mask(batch, steps) if masked else None
    outputs, gradients = results(ours, inputs, mask)
    expected, expected_gradients = results(stock, inputs, mask)
    tolerance = {"float32": 1e-5, "float64": 1e-10}[dtype]
    assert_near(outputs, expected, tolerance / 10)
    assert_near(gradients, expected_gradients, tolerance)


def test_second_derivatives_equal_keras_without_training():
    pair = make_pair("lstm", dtype="float64")
    inputs = normal((2, 4, FEATURES), "float64")
    second = []
    for layer in pair:
        with tf.GradientTape() as outer:
            outer.watch(inputs)
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                loss = tf.reduce_sum(layer(inputs) ** 2)
            slope = tf.reduce_sum(inner.gradient(loss, inputs) ** 2)
        second.append(outer.gradient(slope, inputs).numpy())
    assert_near(second[:1], second[1:], 1e-10)
