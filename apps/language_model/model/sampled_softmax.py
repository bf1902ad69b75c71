"""The cross-entropy of a softmax, estimated from a sample of the vocabulary."""

import math

import keras
import tensorflow as tf


def log_probabilities(size: int) -> tf.Tensor:
    """Returns the log probability that each token is drawn, (vocabulary,).

    As the first bias of a softmax, they make the estimate of `crossentropy`
    exact where the logits say nothing else, and training stable.

    Args:
      size: Of the vocabulary.
    """
    return tf.math.log(_probability(tf.range(size), size))


def _probability(ids, size):
    """Returns the probability that a token is drawn."""
    ranks = tf.cast(ids, tf.float32)
    return tf.math.log1p(1 / (ranks + 1)) / math.log(size + 1)


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
    over all tokens except the target is estimated, without bias, from $s$
    sampled tokens $S$, the same for the whole batch. Token $i$ is drawn with
    probability $q_i = \log((i + 2) / (i + 1)) / \log(n + 1)$: close to its
    frequency, if tokens are sorted by frequency.

    `tf.nn.sampled_softmax_loss` samples with a state that no checkpoint holds:
    a resumed run would not end with the same bits.

    Args:
      vectors: (tokens, features); inputs of the softmax.
      targets: int32 (tokens,).
      weights: (vocabulary, features).
      bias: (vocabulary,).
      samples: Number of sampled tokens.
      seeds: Seeds of the sampling.

    Reference: Bengio & Senécal, Adaptive Importance Sampling to Accelerate
    Training of a Neural Probabilistic Language Model, 2008; Botev, Zheng &
    Barber, Complementary Sum Sampling for Likelihood Approximation in Large
    Scale Classification, 2017.
    """
    size = weights.shape[0]
    drawn = keras.random.uniform([samples], seed=seeds)
    drawn = tf.cast(tf.exp(drawn * math.log(size + 1)), tf.int32) - 1
    drawn = tf.minimum(drawn, size - 1)  # Rounding may exceed the last id.

    expected = samples * _probability(drawn, size)
    positive = tf.reduce_sum(vectors * tf.gather(weights, targets), -1)
    positive += tf.gather(bias, targets)
    negative = tf.matmul(vectors, tf.gather(weights, drawn), transpose_b=True)
    negative += tf.gather(bias, drawn) - tf.math.log(expected)
    is_target = targets[:, None] == drawn
    negative = tf.where(is_target, negative.dtype.min, negative)
    logits = tf.concat([positive[:, None], negative], 1)
    return tf.reduce_logsumexp(logits, 1) - positive
