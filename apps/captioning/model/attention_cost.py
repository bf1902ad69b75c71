"""A cost that makes the attention cover the whole picture."""

import tensorflow as tf


def doubly_stochastic(alignments: tf.Tensor, is_token: tf.Tensor) -> tf.Tensor:
    """Returns the mean squared difference of the attention to a place from 1.

    The attention of a step sums to 1 over the places; here, the attention to a
    place should sum to 1 over the steps.

    Args:
      alignments: (batch, steps, places).
      is_token: bool (batch, steps); False for padding.

    Reference: Xu et al., Show, Attend and Tell, 2015, section 4.2.1.
    """
    weights = tf.cast(is_token, tf.float32)[..., None]
    attention = tf.reduce_sum(alignments * weights, 1)
    return tf.reduce_mean((1 - attention) ** 2)
