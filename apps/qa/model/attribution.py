"""How much each sentence contributes to an answer."""

import tensorflow as tf


def gradient_times_input(tape, logits, vectors):
    """Returns the contribution of each sentence to the best answer.

    The gradient of the highest logit times the input, summed over all values
    of a sentence, as a share of the sum over all sentences.

    Args:
      tape: A gradient tape that watched `vectors`.
      logits: float (batch, answers).
      vectors: float (batch, sentences, ...), 0 for padding.

    Returns:
      float (batch, sentences).

    Reference: Simonyan et al., Deep Inside Convolutional Networks, 2014;
    Shrikumar et al., Learning Important Features Through Propagating
    Activation Differences, 2017.
    """
    with tape:
        best = tf.reduce_max(logits, -1)
    products = tape.gradient(best, vectors) * vectors
    axes = list(range(2, products.shape.rank))
    contributions = tf.abs(tf.reduce_sum(products, axes))
    total = tf.reduce_sum(contributions, 1, keepdims=True)
    return tf.math.divide_no_nan(contributions, total)
