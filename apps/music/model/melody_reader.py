"""Reads a whole melody before it is harmonized."""

import keras
import tensorflow as tf

from apps.music.model import frames as frames_lib
from common import layers


@keras.saving.register_keras_serializable("unroll")
class MelodyReader(keras.layers.Layer):
    """States of a melody in both directions, and whether there is one.

    Args:
      arguments: `Arguments`.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.stack = layers.RecurrentStack(
            arguments.cell,
            arguments.units,
            bidirectional=True,
            return_sequences=True,
        )
        self.size = 2 * arguments.units + 1

    def build(self, input_shape):
        self.stack.build((None, None, frames_lib.PITCHES))

    def call(self, melody, counts, is_known):
        """Returns a context for each frame, (batch, frames, size).

        Args:
          melody: int32 (batch, frames), of indices of pitches.
          counts: int32 (batch,); frames of each melody.
          is_known: float (batch,); 1 where the melody is given, else 0, and
            the context is zero.
        """
        mask = tf.sequence_mask(counts, tf.shape(melody)[1])
        states = self.stack(tf.one_hot(melody, frames_lib.PITCHES), mask=mask)
        flags = tf.ones_like(states[..., :1])
        return tf.concat([states, flags], -1) * is_known[:, None, None]
