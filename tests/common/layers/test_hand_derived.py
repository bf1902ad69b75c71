"""The gradients by hand: equal to Keras's, and to central differences."""

import itertools

import hypothesis
import hypothesis.strategies as st
import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers

# How to make each layer, and the layer of Keras that runs the same cell.
PAIRS = {
    "lstm": (layers.LSTM, keras.layers.LSTM),
    "gru": (layers.GRU, keras.layers.GRU),
    "gru_before": (
        lambda n, **kwargs: layers.GRU(n, reset_after=False, **kwargs),
        lambda n, **kwargs: keras.layers.GRU(n, reset_after=False, **kwargs),
    ),
    "simple_rnn": (layers.SimpleRNN, keras.layers.SimpleRNN),
    "relu": (
        lambda n, **kwargs: layers.SimpleRNN(n, "relu", **kwargs),
        lambda n, **kwargs: keras.layers.SimpleRNN(n, "relu", **kwargs),
    ),
}
MASKS = {
    "none": lambda batch, steps: None,
    "right": lambda batch, steps: (
        np.arange(steps) < 1 + np.arange(batch)[:, None] % steps
    ),
    "left": lambda batch, steps: (
        np.arange(steps) >= np.arange(batch)[:, None] % steps
    ),
    "holes": lambda batch, steps: (
        (np.arange(steps) * 7 + np.arange(batch)[:, None]) % 3 > 0
    ),
    "empty": lambda batch, steps: np.zeros((batch, steps), bool),
}
CELLS = {
    "peephole": layers.PeepholeLSTMCell,
    "cifg": layers.CIFGLSTMCell,
    "updating_gru": layers.UpdatingGRUCell,
    "updating_gru_after": lambda n, **kwargs: layers.UpdatingGRUCell(
        n, reset_after=True, **kwargs
    ),
}


def _of_cell(make, rnn):
    def layer(units, dtype="float32", **kwargs):
        return rnn(make(units, dtype=dtype), dtype=dtype, **kwargs)

    return layer


PAIRS |= {
    name: (_of_cell(make, layers.RNN), _of_cell(make, keras.layers.RNN))
    for name, make in CELLS.items()
}
OPTIONS = "return_sequences", "go_backwards", "zero_output_for_mask"
every_layer = pytest.mark.parametrize("kind", PAIRS)
every_mask = pytest.mark.parametrize("mask", MASKS)


def make_pair(kind, shape, units=5, **kwargs):
    """Returns our layer and Keras's with the same random weights."""
    ours, stock = [make(units, **kwargs) for make in PAIRS[kind]]
    random = np.random.default_rng(1)
    for layer in ours, stock:
        layer.build(shape)
    stock.set_weights([random.normal(0, 0.5, w.shape) for w in stock.weights])
    ours.set_weights(stock.get_weights())
    return ours, stock


def results(layer, inputs, mask, training=True):
    """Returns outputs and states, and gradients by all that they depend on."""
    random = np.random.default_rng(2)
    states = [
        tf.constant(random.normal(size=(len(inputs), n)), inputs.dtype)
        for n in layer.state_size
    ]

    @tf.function
    def graph(inputs, states):
        sources = [inputs, *states, *[w.value for w in layer.weights]]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs = layer(
                inputs, initial_state=states, mask=mask, training=training
            )
            seeds = [
                tf.constant(random.normal(size=out.shape), out.dtype)
                for out in outputs
            ]
            loss = sum(tf.reduce_sum(o * s) for o, s in zip(outputs, seeds))
        return outputs, tape.gradient(loss, sources)

    outputs, gradients = graph(inputs, states)
    return [out.numpy() for out in outputs], [g.numpy() for g in gradients]


def normal(shape, dtype="float32"):
    return tf.constant(np.random.default_rng(0).normal(size=shape), dtype)


def assert_near(values, expected, tolerance):
    """Compares arrays relative to the largest number in each pair."""
    for value, other in zip(values, map(np.asarray, expected), strict=True):
        size = max(1.0, np.abs(other).max(initial=0))
        np.testing.assert_allclose(value, other, rtol=0, atol=tolerance * size)


@every_mask
@every_layer
def test_results_are_those_of_keras(kind, mask):
    ours, stock = make_pair(
        kind, (3, 7, 4), return_sequences=True, return_state=True
    )
    inputs, mask = normal((3, 7, 4)), MASKS[mask](3, 7)
    outputs, gradients = results(ours, inputs, mask)
    expected, by_tape = results(stock, inputs, mask)
    assert_near(outputs, expected, 1e-6)
    assert_near(gradients, by_tape, 1e-5)


@every_mask
@every_layer
def test_all_combinations_of_options_give_what_they_give_in_keras(kind, mask):
    inputs, mask = normal((3, 7, 4)), MASKS[mask](3, 7)
    for values in itertools.product([False, True], repeat=3):
        options = dict(zip(OPTIONS, values))
        pair = make_pair(kind, (3, 7, 4), return_state=True, **options)
        states = [normal((3, n)) for n in pair[0].state_size]
        for training in False, True:
            outputs, expected = [
                layer(
                    inputs, initial_state=states, mask=mask, training=training
                )
                for layer in pair
            ]
            assert_near(outputs, expected, 1e-6)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        {"return_sequences": False},
        {"go_backwards": True},
        {"zero_output_for_mask": True},
        {"use_bias": False},
        {"recurrent_activation": "hard_sigmoid"},
        {"activation": "elu"},
        {"unroll": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["lstm", "gru", "gru_before"])
def test_every_option_does_what_it_does_in_keras(kind, options, training):
    options = {"return_sequences": True, "return_state": True, **options}
    ours, stock = make_pair(kind, (3, 7, 4), dtype="float64", **options)
    inputs, mask = normal((3, 7, 4), "float64"), MASKS["holes"](3, 7)
    outputs, gradients = results(ours, inputs, mask, training)
    expected, by_tape = results(stock, inputs, mask, training)
    assert_near(outputs, expected, 1e-12)
    assert_near(gradients, by_tape, 1e-12)


@pytest.mark.parametrize("name", ["dropout", "recurrent_dropout"])
@pytest.mark.parametrize("kind", ["lstm", "gru", "simple_rnn"])
def test_dropout_hides_what_it_hides_in_keras(kind, name):
    ours, stock = make_pair(
        kind,
        (3, 7, 4),
        seed=3,
        return_sequences=True,
        return_state=True,
        **{name: 0.5},
    )
    assert_near(
        results(ours, normal((3, 7, 4)), None)[1],
        results(stock, normal((3, 7, 4)), None)[1],
        1e-5,
    )


@every_layer
@hypothesis.settings(
    deadline=None, max_examples=4, derandomize=True, database=None
)
@hypothesis.given(data=st.data())
def test_gradients_are_those_of_the_tape(kind, data):
    """In float32 to 1e-5, in float64 to 1e-10, relative to the largest."""
    batch = data.draw(st.integers(1, 33), "batch")
    steps = data.draw(st.integers(1, 12), "steps")
    features, units = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    mask = data.draw(st.sampled_from(sorted(MASKS)), "mask")
    dtype = data.draw(st.sampled_from(["float32", "float64"]), "dtype")
    shape = (batch, steps, features)
    ours, stock = make_pair(
        kind,
        shape,
        units,
        dtype=dtype,
        return_sequences=True,
        return_state=True,
    )
    inputs, mask = normal(shape, dtype), MASKS[mask](batch, steps)
    outputs, gradients = results(ours, inputs, mask)
    expected, by_tape = results(stock, inputs, mask)
    tolerance = {"float32": 1e-5, "float64": 1e-10}[dtype]
    assert_near(outputs, expected, tolerance / 10)
    assert_near(gradients, by_tape, tolerance)


@every_layer
def test_gradients_are_those_of_central_differences(kind):
    """The slope along a random direction in each tensor, in float64."""
    ours, _ = make_pair(
        kind,
        (2, 5, 3),
        dtype="float64",
        return_sequences=True,
        return_state=True,
    )
    random = np.random.default_rng(4)
    sources = [normal((2, 5, 3), "float64").numpy()]
    sources += [random.normal(size=(2, n)) for n in ours.state_size]
    sources += ours.get_weights()
    seeds = None

    def loss(inputs, *rest):
        nonlocal seeds
        count = len(ours.state_size)
        for weight, value in zip(ours.weights, rest[count:]):
            weight.assign(value)
        states = [tf.constant(s) for s in rest[:count]]
        outputs = ours(
            tf.constant(inputs), initial_state=states, training=False
        )
        seeds = seeds or [random.normal(size=out.shape) for out in outputs]
        return sum(float(np.sum(o * s)) for o, s in zip(outputs, seeds))

    loss(*sources)
    inputs, *states = [
        tf.constant(s) for s in sources[: 1 + len(ours.state_size)]
    ]
    watched = [inputs, *states, *[w.value for w in ours.weights]]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        outputs = ours(inputs, initial_state=states, training=True)
        total = sum(tf.reduce_sum(o * s) for o, s in zip(outputs, seeds))
    gradients = tape.gradient(total, watched)
    for i, gradient in enumerate(gradients):
        direction = random.normal(size=sources[i].shape)

        def at(step, i=i, direction=direction):
            moved = list(sources)
            moved[i] = sources[i] + step * direction
            return loss(*moved)

        slope = (at(1e-5) - at(-1e-5)) / 2e-5
        by_hand = float(np.sum(gradient * direction))
        assert by_hand == pytest.approx(slope, rel=1e-6, abs=1e-7)


@every_layer
def test_a_gradient_through_the_last_output_alone(kind):
    ours, stock = make_pair(kind, (3, 7, 4), dtype="float64")
    inputs = normal((3, 7, 4), "float64")
    gradients = []
    for layer in ours, stock:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            loss = tf.reduce_sum(layer(inputs, training=True) ** 2)
        gradients.append(tape.gradient(loss, inputs).numpy())
    assert_near(gradients[:1], gradients[1:], 1e-12)


@every_layer
def test_lengths_and_batches_may_change_from_call_to_call(kind):
    ours, stock = make_pair(kind, (None, None, 4), return_sequences=True)
    spec = [tf.TensorSpec([None, None, 4])]

    @tf.function(input_signature=spec)
    def gradient(inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            loss = tf.reduce_sum(ours(inputs, training=True) ** 2)
        return tape.gradient(loss, inputs)

    for batch, steps in [(1, 1), (3, 9), (17, 8), (20, 70)]:
        inputs = normal((batch, steps, 4))
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            loss = tf.reduce_sum(stock(inputs, training=True) ** 2)
        expected = tape.gradient(loss, inputs).numpy()
        assert_near([gradient(inputs).numpy()], [expected], 1e-5)


def test_second_derivatives_are_those_of_keras_without_training():
    ours, stock = make_pair("lstm", (2, 4, 3), dtype="float64")
    inputs = normal((2, 4, 3), "float64")
    second = []
    for layer in ours, stock:
        with tf.GradientTape() as outer:
            outer.watch(inputs)
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                loss = tf.reduce_sum(layer(inputs) ** 2)
            slope = tf.reduce_sum(inner.gradient(loss, inputs) ** 2)
        second.append(outer.gradient(slope, inputs).numpy())
    assert_near(second[:1], second[1:], 1e-10)
