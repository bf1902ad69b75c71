"""TimeSkipCell: a second connection from several steps back."""

import keras
import numpy as np
import pytest

from common import layers


def test_four_steps_by_hand():
    cell = layers.TimeSkipCell(1, skip=3)
    states = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    states.build((1, 4, 1))
    cell.kernel.assign([[0.5]])
    cell.recurrent_kernel.assign([[0.3], [-0.8]])
    cell.bias.assign([0.1])
    h = [0, 0, 0]
    for x in (1, -2, 3, 4):
        h.append(np.tanh(0.5 * x + 0.3 * h[-1] - 0.8 * h[-3] + 0.1))
    outputs, *last = states(np.array([[[1], [-2], [3], [4]]]))
    np.testing.assert_allclose(outputs[0, :, 0], h[3:], rtol=1e-5)
    np.testing.assert_allclose(np.ravel(last), h[:-4:-1], rtol=1e-5)


def test_an_input_reappears_after_skip_steps():
    cell = layers.TimeSkipCell(1, skip=4, activation="linear", use_bias=False)
    states = keras.layers.RNN(cell, return_sequences=True)
    states.build((1, 9, 1))
    cell.set_weights([np.array([[1.0]]), np.array([[0.0], [1.0]])])
    outputs = states(np.eye(9)[:1, :, None])
    np.testing.assert_array_equal(outputs[0, :, 0], [1, 0, 0, 0] * 2 + [1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"units": 0}, "units=0"), ({"units": 3, "skip": 1}, "skip=1")],
)
def test_sizes_that_are_too_small_raise(arguments, message):
    with pytest.raises(ValueError, match=message):
        layers.TimeSkipCell(**arguments)
