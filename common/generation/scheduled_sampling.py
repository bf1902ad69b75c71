"""Scheduled sampling: in training, some tokens read are the model's own."""

import keras
import tensorflow as tf


def share(teacher_forcing: float, step: tf.Tensor, steps: int) -> tf.Tensor:
    """Returns the share of the tokens that are the model's own.

    It rises in a straight line.

    Args:
      teacher_forcing: the share of the target's tokens at the last step.
      step: of training.
      steps: how many there are.
    """
    done = tf.cast(step, tf.float32) / steps
    return (1 - teacher_forcing) * tf.minimum(done, 1.0)


def mixed(
    target: tf.Tensor,
    logits: tf.Tensor,
    share: tf.Tensor,
    seeds: keras.random.SeedGenerator,
) -> tf.Tensor:
    """Returns the tokens before each step, some of them drawn by the model.

    Those of all steps are drawn at once, from what the model tells where it
    reads the target. The first step, and padding, stay.

    Args:
      target: int32 (batch, steps); the token before each step, 0 is padding.
      logits: (batch, steps, vocabulary); of the token after each step.
      share: scalar; of the tokens that are drawn.
      seeds: gives two.

    Reference: Bengio et al., Scheduled Sampling for Sequence Prediction with
    Recurrent Neural Networks, 2015; all steps at once: Duckworth et al.,
    Parallel Scheduled Sampling, 2019.
    """
    first, second = (tf.cast(seeds.next(), tf.int32) for _ in range(2))
    size = tf.shape(logits)[-1]
    drawn = tf.random.stateless_categorical(
        tf.reshape(logits, [-1, size]), 1, first, tf.int32
    )
    # What is drawn at a step is what the next one reads.
    drawn = tf.reshape(drawn, tf.shape(target))
    drawn = tf.pad(drawn[:, :-1], [[0, 0], [1, 0]])
    own = tf.random.stateless_uniform(tf.shape(target), second) < share
    own &= (target > 0) & (tf.range(tf.shape(target)[1]) > 0)
    return tf.where(own, drawn, target)
