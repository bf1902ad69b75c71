"""EntityCell: the gated memory of recurrent entity networks."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers

UNITS, SLOTS = 4, 3
BATCH = 16  # Two shards.
TIME, ROW = np.arange(7), np.arange(BATCH)[:, None]
# Rows padded right, with gaps, and empty.
MASK = np.choose(ROW % 3, [TIME < 1 + ROW % 7, (TIME * 5 + ROW) % 3 > 0, False])


def memory(rnn=layers.RNN, dtype="float64", **options):
    """Returns a layer with random weights, the same at each call."""
    cell = layers.EntityCell(UNITS, SLOTS, dtype=dtype)
    layer = rnn(cell, dtype=dtype, return_state=True, **options)
    layer.build((None, None, UNITS))
    random = np.random.default_rng(1)
    layer.set_weights([random.normal(0, 0.5, w.shape) for w in layer.weights])
    return layer


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.extended
@pytest.mark.parametrize(
    ("dtype", "mask"),
    [
        pytest.param("float32", MASK, id="float32 masked"),
        pytest.param("float64", None, id="float64", marks=pytest.mark.extended),
    ],
)
def test_gradients_equal_those_of_keras(dtype, mask):
    inputs = tf.constant(normal(BATCH, 7, UNITS), dtype)
    initial = tf.constant(normal(BATCH, SLOTS * UNITS, seed=2), dtype)
    seeds = tf.constant(normal(BATCH, 7, SLOTS * UNITS, seed=3), dtype)
    results = []
    for rnn in layers.RNN, keras.layers.RNN:
        layer = memory(rnn, dtype, return_sequences=True)
        sources = [inputs, initial, *[w.value for w in layer.weights]]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs, last = layer(
                inputs, initial_state=[initial], mask=mask, training=True
            )
            loss = tf.reduce_sum(outputs * seeds) + tf.reduce_sum(last**3)
        results.append([outputs, last, *tape.gradient(loss, sources)])
    tolerance = {"float32": 2e-5, "float64": 1e-12}[dtype]
    for ours, stock in zip(*results, strict=True):
        size = max(1, np.abs(stock).max())
        np.testing.assert_allclose(ours, stock, rtol=0, atol=tolerance * size)


def test_gradients_equal_central_differences():
    layer = memory()
    inputs, seed = normal(2, 5, UNITS), normal(2, SLOTS * UNITS, seed=3)
    sources = [inputs, *layer.get_weights()]

    def loss(inputs, *weights):
        layer.set_weights(weights)
        return float(np.sum(layer(tf.constant(inputs))[0] * seed))

    with tf.GradientTape() as tape:
        watched = [tf.constant(inputs), *[w.value for w in layer.weights]]
        tape.watch(watched)
        total = tf.reduce_sum(layer(watched[0], training=True)[0] * seed)
    for i, gradient in enumerate(tape.gradient(total, watched)):
        direction = normal(*sources[i].shape, seed=4 + i)
        ends = []
        for step in 1e-5, -1e-5:
            moved = list(sources)
            moved[i] = sources[i] + step * direction
            ends.append(loss(*moved))
        slope = (ends[0] - ends[1]) / 2e-5
        expected = float(np.sum(gradient * direction))
        assert expected == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_a_step_by_the_equations():
    layer = memory()
    names = {w.name: w.numpy() for w in layer.weights}
    h, s = normal(SLOTS, UNITS, seed=2), normal(UNITS)
    expected = []
    for value, key in zip(h, names["keys"]):
        gate = 1 / (1 + np.exp(-(s @ value + s @ key)))
        inner = value @ names["recurrent_kernel"] + names["bias"]
        inner += key @ names["key_kernel"] + s @ names["kernel"]
        candidate = np.where(inner > 0, inner, names["slope"] * inner)
        moved = value + gate * candidate
        expected.append(moved / np.linalg.norm(moved))
    outputs, _ = layer(s[None, None], initial_state=[h.reshape(1, -1)])
    np.testing.assert_allclose(outputs[0], np.ravel(expected), rtol=1e-10)


def test_the_initial_values_are_the_keys():
    layer = memory()
    mask = np.zeros((1, 2), bool)
    _, last = layer(normal(1, 2, UNITS), mask=mask)
    np.testing.assert_array_equal(last[0], np.ravel(layer.cell.keys))


def test_gates_are_computed_from_the_outputs():
    layer = memory(return_sequences=True)
    inputs = tf.constant(normal(2, 5, UNITS))
    values, _ = layer(inputs)
    gates = layer.cell.gates(inputs, values)
    keys = layer.cell.keys.numpy()
    before = values.numpy().reshape(2, 5, SLOTS, UNITS)[:, 2]
    scores = np.einsum("bd,bjd->bj", inputs[:, 3], before + keys)
    np.testing.assert_allclose(gates[:, 3], 1 / (1 + np.exp(-scores)))


def test_a_memory_without_slots_raises():
    with pytest.raises(ValueError, match="slots=0: use a positive"):
        layers.EntityCell(4, slots=0)


def test_inputs_of_another_size_raise():
    with pytest.raises(
        ValueError, match="Inputs of 3 features: the cell requires"
    ):
        layers.RNN(layers.EntityCell(4, slots=2)).build((None, None, 3))
