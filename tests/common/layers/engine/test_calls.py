"""What a call does: the path it takes, what it changes, what it compiles."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from common.layers._engine import through_time
from tests.common.layers.engine import test_custom_gradient as reference

INPUTS = reference.sequences()


@pytest.fixture
def custom_gradients(monkeypatch):
    """Returns a list that grows by an item with each use of the gradient."""
    uses = []
    run = through_time.run

    def recorded_run(*args):
        uses.append(args)
        return run(*args)

    monkeypatch.setattr(through_time, "run", recorded_run)
    return uses


def gradients(layer, *, training=False, **options):
    with tf.GradientTape(**options) as tape:
        tape.watch(INPUTS)
        outputs = layer(INPUTS, training=training)
    return tape.gradient(outputs, [INPUTS, *[w.value for w in layer.weights]])


def test_a_tape_on_the_weights_uses_the_custom_gradient(custom_gradients):
    ours, stock = reference.make_pair("lstm", dropout=0.5)
    reference.assert_near(gradients(ours), gradients(stock), 1e-5)
    assert len(custom_gradients) == 1
    tf.function(gradients)(ours)
    assert len(custom_gradients) == 2


def test_plain_ops_run_without_a_tape_on_the_weights(custom_gradients):
    """As for the contributions of inputs, which exported models compute."""
    ours, stock = reference.make_pair("lstm")
    ours(INPUTS)
    slopes = [
        gradients(layer, watch_accessed_variables=False)[0]
        for layer in (ours, stock)
    ]
    reference.assert_near(slopes[:1], slopes[1:], 1e-5)
    assert not custom_gradients


def test_a_single_step_runs_plain_ops(custom_gradients):
    ours, stock = reference.make_pair("lstm")
    step = INPUTS[:, :1]
    np.testing.assert_allclose(ours(step, training=True), stock(step), 1e-5)
    assert not custom_gradients


def wrapped(dropout_cell):
    return layers.ZoneoutCell(dropout_cell, seed=1)


def attention_decoder(**options):
    decoder = layers.AttentionDecoder(
        keras.layers.LSTMCell(5, dropout=0.5, recurrent_dropout=0.5),
        layers.AdditiveAttention(3),
        5,
        **options,
    )
    return lambda x, training: decoder(x, x, training=training)[0], decoder


def recurrent(layer):
    return lambda x, training: layer(x, training=training), layer


LAYERS = {
    "dropout": lambda: recurrent(layers.LSTM(5, dropout=0.5)),
    "recurrent_dropout": lambda: recurrent(
        layers.GRU(5, dropout=0.5, recurrent_dropout=0.5)
    ),
    "one_mask_per_gate": lambda: recurrent(
        layers.RNN(keras.layers.LSTMCell(5, dropout=0.5, implementation=1))
    ),
    "wrapped_cell": lambda: recurrent(
        layers.RNN(wrapped(keras.layers.GRUCell(5, dropout=0.5)))
    ),
    "stacked_cells": lambda: recurrent(
        layers.RNN([keras.layers.LSTMCell(5, dropout=0.5) for _ in range(2)])
    ),
    "decoder": attention_decoder,
    "input_feeding": lambda: attention_decoder(input_feeding=True),
}
every_layer = pytest.mark.parametrize("kind", LAYERS)


def attributes(layer):
    """Returns the identity of each attribute of a layer and its cells."""
    parts = [layer, layer.cell, *getattr(layer.cell, "cells", [])]
    parts.append(getattr(layer.cell, "cell", layer.cell))
    ignored = "_called", "_losses_override"  # Keras's own, of any layer.
    return [
        (name, id(value), len(value) if isinstance(value, list) else None)
        for part in parts
        for name, value in vars(part).items()
        if name not in ignored
    ]


@pytest.mark.parametrize("kind", LAYERS)
def test_a_call_changes_no_attribute_and_no_other_call(kind, monkeypatch):
    """The other one, as of another thread, has another batch size."""
    call, layer = LAYERS[kind]()
    expected = call(INPUTS, False)
    before = attributes(layer)
    cell = layer.cell
    cell = getattr(cell, "cell", getattr(cell, "cells", [cell])[0])
    plain, inner = type(cell).call, []

    def call_with_calls_within(self, *args, **kwargs):
        if not inner:
            inner.append(None)
            assert attributes(layer) == before
            inner[:] = call(INPUTS[:2], True), call(INPUTS[:3], False)
        return plain(self, *args, **kwargs)

    monkeypatch.setattr(type(cell), "call", call_with_calls_within)
    outer = call(INPUTS, True)
    assert attributes(layer) == before
    assert outer.shape == expected.shape
    assert not np.allclose(outer, expected)
    np.testing.assert_allclose(call(INPUTS, False), expected, atol=1e-6)
    if kind != "dropout":  # The custom gradient does not call the cell.
        np.testing.assert_allclose(inner[1], expected[:3], atol=1e-6)


def test_inference_during_training_leaves_dropout_on():
    layer = layers.LSTM(5, dropout=0.5)
    layer(INPUTS)
    initial_state = layer.cell.get_initial_state
    rates = []

    def predict_within(batch_size=None):
        rates.append(layer.cell.dropout)
        if len(rates) == 1:
            layer(INPUTS, training=False)
        return initial_state(batch_size)

    layer.cell.get_initial_state = predict_within
    first = layer(INPUTS, training=True)
    assert rates == [0.5, 0.5]
    assert not np.allclose(first, layer(INPUTS, training=True))


def test_inference_draws_no_random_numbers():
    layer = layers.LSTM(5, dropout=0.5, recurrent_dropout=0.5, seed=1)
    layer(INPUTS)
    before = layer.cell.seed_generator.state.numpy()
    layer(INPUTS)
    np.testing.assert_array_equal(
        layer.cell.seed_generator.state.numpy(), before
    )


@pytest.mark.extended
def test_eager_training_compiles_a_few_sizes_only(monkeypatch):
    ours, stock = reference.make_pair("lstm", return_state=True)
    traced = []
    run_shards = through_time._run_shards

    def count(*args):
        traced.append(args)
        return run_shards(*args)

    monkeypatch.setattr(through_time, "_run_shards", count)
    through_time._in_graph.cache_clear()
    for batch, steps in itertools.product([1, 3, 8], [2, 7, 16]):
        inputs = reference.normal((batch, steps, reference.FEATURES))
        reference.assert_near(
            itertools.chain(*reference.results(ours, inputs)),
            itertools.chain(*reference.results(stock, inputs)),
            1e-5,
        )
    assert len(traced) == 1
    through_time._in_graph.cache_clear()


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        (range(1, 17), {16}),
        (range(1, 205), {16 * n for n in range(1, 14)}),
        ([256, 257, 272, 273, 513], {256, 288, 576}),
    ],
)
def test_padded_lengths_are_few(sizes, expected):
    lengths = set()
    for size in sizes:
        (padded,) = through_time.round_up([tf.ones([1, size])], 1, 16)
        lengths.add(padded.shape[1])
    assert lengths == expected


def test_shapes_do_not_depend_on_earlier_graphs():
    """One with unknown sizes first: TensorFlow traces its loops only once."""
    layer = layers.LSTM(7, return_sequences=True, return_state=True)
    layer.build((None, None, 2))
    for batch, steps in (None, None), (6, 5):
        function = tf.function(lambda x: layer(x, training=True))
        spec = tf.TensorSpec([batch, steps, 2])
        shapes = [
            output.shape.as_list()
            for output in function.get_concrete_function(spec).outputs
        ]
        assert shapes == [[batch, steps, 7], [batch, 7], [batch, 7]]
