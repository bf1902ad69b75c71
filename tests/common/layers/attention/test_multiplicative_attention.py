"""MultiplicativeAttention: scores and errors."""

import numpy as np
import pytest

from common import layers

QUERY = np.array([[1, -2]], "f4")
MEMORY = np.array([[[0.5, 1], [-1, 0.25]]], "f4")


def attend(scores):
    shares = np.exp(scores) / np.exp(scores).sum()
    return [shares @ MEMORY[0]], [shares]


def test_dot_scores_by_the_product_of_query_and_place():
    attention = layers.MultiplicativeAttention("dot")
    results = attention(QUERY, MEMORY)
    expected = attend([1 * 0.5 - 2 * 1, 1 * -1 - 2 * 0.25])
    for result, e in zip(results, expected, strict=True):
        np.testing.assert_allclose(result, e, rtol=1e-6)
    assert not attention.weights


def test_general_multiplies_by_a_matrix():
    attention = layers.MultiplicativeAttention("general")
    attention.build((1, 3), (1, 2, 2))
    matrix = np.array([[1, 2, 3], [4, 5, 6]], "f4")
    attention.set_weights([matrix])
    query = np.array([[0.1, -0.2, 0.3]], "f4")
    results = attention(query, MEMORY)
    for result, e in zip(
        results, attend(MEMORY[0] @ matrix @ query[0]), strict=True
    ):
        np.testing.assert_allclose(result, e, rtol=1e-6)


def test_dot_requires_equal_sizes():
    attention = layers.MultiplicativeAttention("dot")
    with pytest.raises(ValueError, match="size 3 .* size 2: use kind='gen"):
        attention(np.zeros((1, 3), "f4"), MEMORY)


def test_an_unknown_kind_raises():
    with pytest.raises(ValueError, match="kind='concat'"):
        layers.MultiplicativeAttention("concat")


def test_keys_before_build_raise():
    attention = layers.MultiplicativeAttention("general")
    with pytest.raises(ValueError, match="call the layer"):
        attention.keys(MEMORY)
