"""Integrated gradients: what each word contributes to a prediction."""

import tensorflow as tf

STEPS = 64  # Of the integral.


def contributions(log_odds, vectors):
    """Returns the contribution of each word to the log-odds of a text.

    The integral is taken along the straight line from zero vectors: the
    contributions add up to the log-odds of the text minus those of a text of
    zero vectors.

    Args:
      log_odds: Maps vectors (rows, words, features) to (rows,).
      vectors: Of the words, (words, features).

    Returns:
      float32 (words,).

    Reference: Sundararajan et al., Axiomatic Attribution for Deep Networks,
    2017.
    """
    shares = (tf.range(STEPS, dtype=tf.float32) + 0.5) / STEPS
    points = shares[:, None, None] * vectors
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(points)
        value = log_odds(points)
    slope = tf.reduce_mean(tape.gradient(value, points), axis=0)
    return tf.reduce_sum(slope * vectors, axis=-1)
