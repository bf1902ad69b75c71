"""SpatioTemporalLSTM2D against the equations of PredRNN in NumPy."""

import numpy as np
import pytest

from common import layers
from tests.common.layers.recurrent import maps


def level_step(weights, x, h, c, m):
    """Returns h, c and m of one level after a step."""
    kernel, recurrent_kernel, bias, memory_kernel, output, projection = weights
    w, b = np.split(kernel, 7, -1), np.split(bias, 7)
    u, v = np.split(recurrent_kernel, 4, -1), np.split(memory_kernel, 3, -1)

    def gate(index, state, kernel):
        inputs = maps.convolve(x, w[index]) + b[index]
        return inputs + maps.convolve(state, kernel)

    i, f, g = (gate(n, h, u[n]) for n in range(3))
    c = maps.sigmoid(f) * c + maps.sigmoid(i) * np.tanh(g)
    i, f, g = (gate(3 + n, m, v[n]) for n in range(3))
    m = maps.sigmoid(f) * m + maps.sigmoid(i) * np.tanh(g)
    memories = np.concatenate([c, m], -1)
    o = maps.sigmoid(gate(6, h, u[3]) + maps.convolve(memories, output))
    return o * np.tanh(memories @ projection[0, 0]), c, m


@pytest.mark.parametrize("residual", [False, True])
def test_the_memory_passes_up_the_levels_and_down_to_the_next_step(residual):
    layer = layers.SpatioTemporalLSTM2D(
        maps.FILTERS,
        3,
        depth=3,
        residual=residual,
        return_sequences=True,
        return_state=True,
        dtype="float64",
    )
    layer.build((1, None, maps.ROWS, maps.COLUMNS, maps.CHANNELS))
    for seed, weight in enumerate(layer.trainable_variables):
        weight.assign(0.4 * maps.normal(weight.shape, "float64", seed))
    values = [w.numpy() for w in layer.trainable_variables]
    levels = [values[i : i + 6] for i in range(0, 18, 6)]
    inputs = maps.sequences(1, "float64")[0]
    zeros = np.zeros((maps.ROWS, maps.COLUMNS, maps.FILTERS))
    states, m = [(zeros, zeros)] * 3, zeros
    expected = []
    for x in inputs:
        for n, weights in enumerate(levels):
            h, c, m = level_step(weights, x, *states[n], m)
            states[n] = h, c
            x = h + x if residual else h
        expected.append(x)
    outputs, *last = layer(inputs[None])
    np.testing.assert_allclose(outputs[0], expected, atol=1e-12)
    for a, b in zip(last, [s for pair in states for s in pair] + [m]):
        np.testing.assert_allclose(a[0], b, atol=1e-12)


def test_the_biases_of_the_forget_gates_are_one():
    layer = layers.SpatioTemporalLSTM2D(2, 3)
    layer.build((None, None, 4, 4, 1))
    (bias,) = (w for w in layer.trainable_variables if w.name == "bias")
    np.testing.assert_array_equal(
        bias, [0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]
    )
