"""ConvGRU2D against its equation in NumPy."""

import numpy as np

from common import layers
from tests.common.layers.recurrent import maps


def test_three_steps_by_definition():
    layer = maps.make("conv_gru2d", return_sequences=True, dtype="float64")
    kernel, recurrent_kernel, bias = layer.get_weights()[:3]
    w, u, b = (np.split(x, 3, -1) for x in (kernel, recurrent_kernel, bias))
    inputs = maps.sequences(1, "float64")[0, :3]
    h = np.zeros((maps.ROWS, maps.COLUMNS, maps.FILTERS))
    expected = []
    for x in inputs:
        z, r = (
            maps.sigmoid(maps.convolve(x, w[i]) + maps.convolve(h, u[i]) + b[i])
            for i in range(2)
        )
        n = maps.convolve(x, w[2]) + maps.convolve(r * h, u[2]) + b[2]
        h = (1 - z) * h + z * np.tanh(n)
        expected.append(h)
    np.testing.assert_allclose(layer(inputs[None])[0], expected, atol=1e-12)


def test_without_bias_there_are_two_weights():
    layer = layers.ConvGRU2D(3, (3, 5), use_bias=False)
    layer.build((None, 4, 6, 7, 2))
    shapes = [tuple(w.shape) for w in layer.trainable_variables]
    assert shapes == [(3, 5, 2, 9), (3, 5, 3, 9)]
    assert layer(np.zeros((1, 4, 6, 7, 2))).shape == (1, 6, 7, 3)


def test_an_all_zero_map_remains_zero_without_a_bias():
    layer = layers.ConvGRU2D(3, 3, use_bias=False)
    assert not np.any(layer(np.zeros((1, 4, 6, 7, 2))))
