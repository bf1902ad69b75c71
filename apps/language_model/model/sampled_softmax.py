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

    $\log (e^{z_y} + \sum_{i \in S, i \ne y} e^{z_i} / (s q_i)) - z_y$: the sum
    over the tokens that are not the target is estimated, without bias, by $s$
    tokens $S$, the same for the whole batch. Token $i$ is drawn with $q_i =
    \log((i + 2) / (i + 1)) / \log(n + 1)$: close to how frequent it is, where
    tokens are in the order of their frequency.

    `tf.nn.sampled_softmax_loss` draws with a state that no checkpoint holds: a
    run that was killed would not end with the same bits.

    Args:
      vectors: (tokens, features); what the softmax reads.
      targets: int32 (tokens,).
      weights: (vocabulary, features).
      bias: (vocabulary,).
      samples: int.
      seeds: of the drawing.

    Reference: Bengio & Senécal, Adaptive Importance Sampling to Accelerate
    Training of a Neural Probabilistic Language Model, 2008; Botev, Zheng &
    Barber, Complementary Sum Sampling for Likelihood Approximation in Large
    Scale Classification, 2017.
    """
    size = weights.shape[0]
    drawn = keras.random.uniform([samples], seed=seeds)
    drawn = tf.cast(tf.exp(drawn * math.log(size + 1)), tf.int32) - 1
    drawn = tf.minimum(drawn, size - 1)  # Rounding may lead past the end.

    ranks = tf.cast(drawn, tf.float32)
    expected = samples / math.log(size + 1) * tf.math.log1p(1 / (ranks + 1))
    hit = tf.reduce_sum(vectors * tf.gather(weights, targets), -1)
    hit += tf.gather(bias, targets)
    others = tf.matmul(vectors, tf.gather(weights, drawn), transpose_b=True)
    others += tf.gather(bias, drawn) - tf.math.log(expected)
    others = tf.where(targets[:, None] == drawn, others.dtype.min, others)
    return tf.reduce_logsumexp(tf.concat([hit[:, None], others], 1), 1) - hit
