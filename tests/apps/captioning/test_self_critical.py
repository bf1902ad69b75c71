"""Self-critical training rewards captions that beat the greedy one."""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from apps.captioning.model.self_critical import SelfCritical
from common.text import byte_tokenizer

START, END = byte_tokenizer.START, byte_tokenizer.END
LIMIT = 6
# The captions of two pictures, and words of neither.
FIRST, SECOND, FOREIGN = [5, 6, 7, 8], [9, 10, 11, 12], [13] * LIMIT


class Captions(NamedTuple):
    """Decoded captions."""

    tokens: tf.Tensor
    lengths: tf.Tensor


class ScriptedGenerator:
    """Captions pictures, whose features are their number, from a script."""

    max_tokens = LIMIT

    def greedy(self, grid, limits):
        return self._captions([[FOREIGN], [SECOND]], grid, 0)

    def sample(self, grid, limits, seeds):
        script = [[FIRST, FOREIGN], [SECOND, FOREIGN]]
        return self._captions(script, grid, tf.range(len(grid)) % 2)

    def _captions(self, script, grid, sample):
        tokens = tf.ragged.constant(script, inner_shape=()).to_tensor()
        pictures = tf.cast(grid[:, 0, 0], tf.int32)
        sample = tf.broadcast_to(sample, pictures.shape)
        chosen = tf.gather_nd(tokens, tf.stack([pictures, sample], 1))[:, None]
        lengths = tf.math.count_nonzero(chosen, 2, dtype=tf.int32)
        return Captions(chosen, lengths)


def test_the_weight_is_the_gain_over_the_greedy_caption():
    """CIDEr-D is 10 for the only reference, and 0 without a common word."""
    references = tf.constant([[[START, *c, END]] for c in (FIRST, SECOND)])
    self_critical = SelfCritical(
        ScriptedGenerator(),
        keras.random.SeedGenerator(0),
        2,
        tf.RaggedTensor.from_tensor(tf.transpose(references, [0, 2, 1])),
    )
    grid = tf.constant([[[0.0]], [[1.0]]])
    sampled, gains = self_critical.sample(grid, references)
    np.testing.assert_array_equal(
        sampled,
        [
            [[START, *FIRST, END, 0, 0], [START, *FOREIGN, 0]],
            [[START, *SECOND, END, 0, 0], [START, *FOREIGN, 0]],
        ],
    )
    np.testing.assert_allclose(gains, [10, 0, 0, -10], rtol=1e-6)


def test_self_critical_training_makes_better_captions_more_probable(model):
    logits = tf.random.stateless_normal([2, 3, 9], [0, 1])
    targets = tf.constant([[4, 5, 2], [6, 2, 0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = model.compute_loss(
            y_pred=(logits, targets, tf.constant([2.0, -1.0]), 0.0)
        )
    slope = tape.gradient(loss, logits)
    # Gradient descent raises the tokens of the better caption.
    assert slope[0, 0, 4] < 0 < slope[1, 0, 6]
    np.testing.assert_array_equal(slope[1, 2], 0)
