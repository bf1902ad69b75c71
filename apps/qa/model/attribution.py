"""How much each sentence contributes to an answer."""

import tensorflow as tf


def gradient_times_input(vectors, classify):
    """Returns the logits and the contribution of each sentence to the best.

    The gradient of the highest logit times the input, summed over all values
    of a sentence, as a share of the sum over all sentences.

    Args:
      vectors: float (batch, sentences, ...), 0 for padding.
      classify: Maps `vectors` to logits (batch, answers).

    Returns:
      Logits (batch, answers), and shares (batch, sentences).

    Reference: Simonyan et al., Deep Inside Convolutional Networks, 2014;
    Shrikumar et al., Learning Important Features Through Propagating
    Activation Differences, 2017.
    """
    with tf.GradientTape() as tape:
        tape.watch(vectors)
        logits = classify(vectors)
        best = tf.reduce_max(logits, -1)
    products = tape.gradient(best, vectors) * vectors
    axes = list(range(2, products.shape.rank))
    contributions = tf.abs(tf.reduce_sum(products, axes))
    total = tf.reduce_sum(contributions, 1, keepdims=True)
    return logits, tf.math.divide_no_nan(contributions, total)
