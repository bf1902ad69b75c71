"""Scheduled sampling: training on tokens that the model has drawn itself."""

import keras
import tensorflow as tf


def share(teacher_forcing: float, step: tf.Tensor, steps: int) -> tf.Tensor:
    """Returns the share of input tokens that the model draws itself.

    It rises linearly from 0.

    Args:
      teacher_forcing: The share of target tokens at the last step.
      step: The training step.
      steps: Number of training steps.
    """
    done = tf.cast(step, tf.float32) / steps
    return (1 - teacher_forcing) * tf.minimum(done, 1.0)


def mixed(
    target: tf.Tensor,
    logits: tf.Tensor,
    share: tf.Tensor,
    seeds: keras.random.SeedGenerator,
) -> tf.Tensor:
    """Replaces a share of the input tokens by tokens drawn by the model.

    Those of all steps are drawn at once, from the logits of a pass that reads
    the target. The first token and padding are kept.

    Args:
      target: int32 (batch, steps); the token before each step, 0 is padding.
      logits: (batch, steps, vocabulary); of the token after each step.
      share: Scalar; the share of tokens that are replaced.
      seeds: Two seeds are taken from it.

    Reference: Bengio et al., Scheduled Sampling for Sequence Prediction with
    Recurrent Neural Networks, 2015; all steps at once: Duckworth et al.,
    Parallel Scheduled Sampling, 2019.
    """
    first, second = (tf.cast(seeds.next(), tf.int32) for _ in range(2))
    size = tf.shape(logits)[-1]
    drawn = tf.random.stateless_categorical(
        tf.reshape(logits, [-1, size]), 1, first, tf.int32
    )
    # The token drawn at a step is the input of the next one.
    drawn = tf.reshape(drawn, tf.shape(target))
    drawn = tf.pad(drawn[:, :-1], [[0, 0], [1, 0]])
    is_drawn = tf.random.stateless_uniform(tf.shape(target), second) < share
    is_drawn &= (target > 0) & (tf.range(tf.shape(target)[1]) > 0)
    return tf.where(is_drawn, drawn, target)
