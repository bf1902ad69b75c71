"""Scheduled sampling: a share of the input tokens is drawn by the model."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.generation import scheduled_sampling

DRAWN = 299  # The only token that the model draws.


def mixed(share):
    target = tf.random.stateless_uniform([400, 9], [1, 2], 3, DRAWN, tf.int32)
    target *= tf.cast(tf.range(9) < 7, tf.int32)
    logits = tf.one_hot(tf.fill([400, 9], DRAWN), DRAWN + 1) * 1e9
    seeds = keras.random.SeedGenerator(0)
    return target, scheduled_sampling.mixed(target, logits, share, seeds)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_tokens_is_drawn(share):
    target, tokens = mixed(share)
    is_drawn = tf.cast(tokens == DRAWN, tf.float32)[:, 1:7]
    np.testing.assert_allclose(tf.reduce_mean(is_drawn), share, atol=0.05)
    kept = tokens != DRAWN
    np.testing.assert_array_equal(tokens[kept], target[kept])


def test_the_first_token_and_padding_are_kept():
    target, tokens = mixed(1.0)
    np.testing.assert_array_equal(tokens[:, 0], target[:, 0])
    np.testing.assert_array_equal(tokens[:, 7:], 0)


def test_a_token_drawn_at_a_step_is_the_input_of_the_next():
    target = tf.constant([[1, 3, 4, 5]])
    logits = tf.one_hot([[6, 7, 8, 9]], 10) * 1e9
    seeds = keras.random.SeedGenerator(0)
    tokens = scheduled_sampling.mixed(target, logits, 1.0, seeds)
    assert tokens.numpy().tolist() == [[1, 6, 7, 8]]


def test_the_share_rises_linearly():
    shares = [
        float(scheduled_sampling.share(0.4, step, 10))
        for step in (0, 5, 10, 99)
    ]
    np.testing.assert_allclose(shares, [0, 0.3, 0.6, 0.6])
