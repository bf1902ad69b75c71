"""Numbers of clients are clipped, and NaN is refused."""

import numpy as np
import pytest
import tensorflow as tf

from common.generation import numbers
from common.generation import options

CLIPPED = tf.function(
    lambda value: numbers.clipped(value, -1, 2, "heat"), autograph=False
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.5, 0.5), (3e38, 2), (-np.inf, -1), (np.inf, 2)],
)
def test_floats_are_clipped(value, expected):
    assert CLIPPED(tf.constant(value, tf.float32)) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(1, 1), (2**31 - 1, 2), (-(2**31), -1)]
)
def test_integers_are_clipped(value, expected):
    assert CLIPPED(tf.constant(value, tf.int32)) == expected


def test_nan_is_refused_by_name():
    with pytest.raises(tf.errors.InvalidArgumentError, match="heat must be"):
        CLIPPED(tf.constant(np.nan))


def test_the_option_has_the_bound_of_the_signature():
    assert options.MAX_WIDTH == numbers.MAX_WIDTH
