"""Scheduled sampling: which tokens are the model's own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.generation import scheduled_sampling

OWN = 299


def mixed(share):
    target = tf.random.stateless_uniform([400, 9], [1, 2], 3, OWN, tf.int32)
    target *= tf.cast(tf.range(9) < 7, tf.int32)
    logits = tf.one_hot(tf.fill([400, 9], OWN), OWN + 1) * 1e9
    seeds = keras.random.SeedGenerator(0)
    return target, scheduled_sampling.mixed(target, logits, share, seeds)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_so_many_tokens_are_drawn(share):
    target, found = mixed(share)
    own = tf.cast(found == OWN, tf.float32)[:, 1:7]
    np.testing.assert_allclose(tf.reduce_mean(own), share, atol=0.05)
    other = found != OWN
    np.testing.assert_array_equal(found[other], target[other])


def test_the_first_token_and_padding_stay():
    target, found = mixed(1.0)
    np.testing.assert_array_equal(found[:, 0], target[:, 0])
    np.testing.assert_array_equal(found[:, 7:], 0)


def test_what_is_drawn_at_a_step_is_read_at_the_next():
    target = tf.constant([[1, 3, 4, 5]])
    logits = tf.one_hot([[6, 7, 8, 9]], 10) * 1e9
    seeds = keras.random.SeedGenerator(0)
    found = scheduled_sampling.mixed(target, logits, 1.0, seeds)
    assert found.numpy().tolist() == [[1, 6, 7, 8]]


def test_the_share_rises_from_step_to_step():
    shares = [
        float(scheduled_sampling.share(0.4, step, 10))
        for step in (0, 5, 10, 99)
    ]
    np.testing.assert_allclose(shares, [0, 0.3, 0.6, 0.6])
