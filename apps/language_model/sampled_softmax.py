"""The loss of a softmax, estimated by a sample of the vocabulary."""

import math

import keras
import tensorflow as tf


def crossentropy(
    vectors: tf.Tensor,
    targets: tf.Tensor,
    weights: tf.Tensor,
    bias: tf.Tensor,
    samples: int,
    seeds: keras.random.SeedGenerator,
) -> tf.Tensor:
    r"""Returns an estimate of the cross-entropy of each target, in nats.

    The softmax is over the target and `samples` tokens, the same for the whole
    batch, of which token $i$ is drawn with $q_i = \log((i + 2) / (i + 1)) /
    \log(n + 1)$: close to how frequent it is, where tokens are in the order of
    their frequency. $\log(s q_i)$ is taken off each logit, so that rare tokens
    stand for the many that were not drawn. A sample that hits the target does
    not count.

    Args:
      vectors: (tokens, features); what the softmax reads.
      targets: int32 (tokens,).
      weights: (vocabulary, features).
      bias: (vocabulary,).
      samples: int.
      seeds: of the drawing.

    Reference: Bengio & Senécal, Adaptive Importance Sampling to Accelerate
    Training of a Neural Probabilistic Language Model, 2008; Jean et al., On
    Using Very Large Target Vocabulary for Neural Machine Translation, 2015.
    """
    size = weights.shape[0]
    drawn = keras.random.uniform([samples], seed=seeds)
    drawn = tf.cast(tf.exp(drawn * math.log(size + 1)), tf.int32) - 1
    drawn = tf.minimum(drawn, size - 1)  # Rounding may lead past the end.

    def expected(ids):  # log(s q)
        ids = tf.cast(ids, tf.float32)
        return tf.math.log(
            samples * tf.math.log1p(1 / (ids + 1)) / math.log(size + 1)
        )

    hit = tf.reduce_sum(vectors * tf.gather(weights, targets), -1)
    hit += tf.gather(bias, targets) - expected(targets)
    others = tf.matmul(vectors, tf.gather(weights, drawn), transpose_b=True)
    others += tf.gather(bias, drawn) - expected(drawn)
    others = tf.where(targets[:, None] == drawn, others.dtype.min, others)
    return tf.reduce_logsumexp(tf.concat([hit[:, None], others], 1), 1) - hit
