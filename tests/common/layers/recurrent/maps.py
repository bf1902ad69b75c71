"""Convolutional layers, and sequences of maps, that several tests share."""

import numpy as np
import pytest
import tensorflow as tf

from common import layers
from tests import variants

BATCH, STEPS, ROWS, COLUMNS, CHANNELS, FILTERS = 5, 4, 3, 5, 2, 2
LAYERS = {
    "conv_lstm2d": lambda **kw: layers.ConvLSTM2D(
        FILTERS, 3, padding="same", **kw
    ),
    "conv_gru2d": lambda **kw: layers.ConvGRU2D(FILTERS, 3, **kw),
    "st_lstm2d": lambda **kw: layers.SpatioTemporalLSTM2D(
        FILTERS, (3, 1), depth=2, residual=True, **kw
    ),
}
MASKS = {
    "right": np.arange(4) < np.array([[4], [2], [1], [3], [4]]),
    "left": np.arange(4) >= np.array([[0], [2], [1], [3], [0]]),
    "holes": np.array([[1, 0, 1, 0], [0, 1, 0, 1], [1] * 4, [0] * 4, [1] * 4])
    > 0,
    "all_masked": np.zeros((5, 4), bool),
}
STATES = {"return_sequences": True, "return_state": True}
# The stack of PredRNN takes the time of the two others together.
every_kind = pytest.mark.parametrize(
    "kind", variants.extended(LAYERS, "conv_lstm2d", "conv_gru2d")
)
quick_kinds = pytest.mark.parametrize(
    "kind",
    [
        "conv_lstm2d",
        pytest.param("conv_gru2d", marks=pytest.mark.extended),
        pytest.param("st_lstm2d", marks=pytest.mark.slow),
    ],
)


def normal(shape, dtype="float32", seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def sequences(batch=BATCH, dtype="float32"):
    return normal((batch, STEPS, ROWS, COLUMNS, CHANNELS), dtype)


def make(kind, **options):
    """Returns a layer with random weights, the same at each call."""
    layer = LAYERS[kind](**options)
    layer.build((BATCH, None, ROWS, COLUMNS, CHANNELS))
    random = np.random.default_rng(1)
    for weight in layer.trainable_variables:
        weight.assign(random.normal(0, 0.4, weight.shape))
    return layer


def states(layer, batch=BATCH, dtype="float32"):
    """Returns random initial states."""
    zeros = layer.get_initial_state(batch)
    return [normal(z.shape, dtype, seed) for seed, z in enumerate(zeros, 7)]


def gradients(layer, inputs, initial, mask=None, training=True):
    """Returns outputs and states, and the gradients of all sources.

    The layer has `return_state`.
    """
    sources = [tf.convert_to_tensor(inputs), [*map(tf.identity, initial)]]
    sources.append([w.value for w in layer.trainable_variables])
    with tf.GradientTape() as tape:
        tape.watch(sources)
        results = layer(
            sources[0], initial_state=sources[1], mask=mask, training=training
        )
        loss = weighted_sum(results)
    return results, tape.gradient(loss, tf.nest.flatten(sources))


def weighted_sum(tensors):
    """Returns a loss with another weight for each number."""
    return sum(
        tf.reduce_sum(x * normal(x.shape, x.dtype.name, seed))
        for seed, x in enumerate(tensors)
    )


def assert_central_differences(
    layer, inputs, initial, mask=None, training=True
):
    """Compares the slope along a random direction in each source."""
    _, slopes = gradients(layer, inputs, initial, mask, training)
    variables = layer.trainable_variables
    values = [inputs, *initial, *[w.numpy() for w in variables]]

    def loss_at(moved):
        for variable, value in zip(variables, moved[1 + len(initial) :]):
            variable.assign(value)
        states = moved[1 : 1 + len(initial)]
        results = layer(
            moved[0], initial_state=states, mask=mask, training=training
        )
        return float(weighted_sum(results))

    for i, slope in enumerate(slopes):
        direction = normal(slope.shape, "float64", seed=20 + i)
        ends = []
        for step in 1e-5, -1e-5:
            moved = list(values)
            moved[i] = values[i] + step * direction
            ends.append(loss_at(moved))
        difference = (ends[0] - ends[1]) / 2e-5
        expected = float(np.sum(slope * direction))
        np.testing.assert_allclose(expected, difference, rtol=1e-6, atol=1e-7)
    loss_at(values)


def convolve(inputs, kernel):
    """Returns a "same" convolution in NumPy, from its definition.

    Args:
      inputs: (rows, columns, channels).
      kernel: (height, width, channels, filters), of odd height and width.
    """
    height, width, _, filters = kernel.shape
    rows, columns, _ = inputs.shape
    padding = [(height // 2,) * 2, (width // 2,) * 2, (0, 0)]
    padded = np.pad(inputs, padding)
    outputs = np.zeros((rows, columns, filters), inputs.dtype)
    for row in range(rows):
        for column in range(columns):
            patch = padded[row : row + height, column : column + width]
            outputs[row, column] = np.tensordot(patch, kernel, 3)
    return outputs


def sigmoid(x):
    return 1 / (1 + np.exp(-x))
