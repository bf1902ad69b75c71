"""Random choices whose random numbers are drawn before."""

import tensorflow as tf


def one_of_two(
    log_odds: tf.Tensor,
    uniforms: tf.Tensor,
    temperature: tf.Tensor,
    top_p: tf.Tensor,
) -> tf.Tensor:
    """Returns whether each event happens, bool (...).

    Args:
      log_odds: (...).
      uniforms: (...), from 0 to 1: the random numbers.
      temperature: Divides the log-odds; 0 is the more probable outcome.
      top_p: The more probable outcome is chosen where its probability is this
        at least (nucleus sampling of two outcomes, Holtzman et al. 2020).
    """
    probability = tf.sigmoid(log_odds / tf.maximum(temperature, 1e-6))
    more_probable = tf.maximum(probability, 1 - probability)
    is_certain = (temperature <= 0) | (more_probable >= top_p)
    return tf.where(is_certain, log_odds > 0, uniforms < probability)
