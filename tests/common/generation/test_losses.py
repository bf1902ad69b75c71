"""The loss of tokens: mean, smoothing, and weights of sequences."""

import numpy as np
import pytest
import tensorflow as tf

from common.generation import losses

LOGITS = np.random.default_rng(0).normal(size=(2, 3, 5)).astype("f4")
TARGETS = np.array([[1, 4, 0], [2, 0, 0]])


def nats(row, step, smoothing=0.0):
    logs = LOGITS[row, step] - np.log(np.exp(LOGITS[row, step]).sum())
    own = logs[TARGETS[row, step]]
    return -(1 - smoothing) * own - smoothing * logs.mean()


def test_the_loss_is_the_mean_over_tokens_with_smoothing():
    expected = np.mean([nats(b, t, 0.1) for b, t in [(0, 0), (0, 1), (1, 0)]])
    loss = losses.TokenCrossentropy(0.1)(tf.constant(TARGETS), LOGITS)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_weights_scale_sequences_and_not_the_number_of_tokens():
    expected = (2 * nats(0, 0) + 2 * nats(0, 1) - nats(1, 0)) / 3
    loss = losses.TokenCrossentropy()(
        tf.constant(TARGETS), LOGITS, tf.constant([2.0, -1.0])
    )
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_weights_of_single_tokens_are_refused():
    with pytest.raises(ValueError, match=r"one weight per sequence.*\(2, 3\)"):
        losses.TokenCrossentropy()(
            tf.constant(TARGETS), LOGITS, tf.ones([2, 3])
        )
