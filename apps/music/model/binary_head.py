"""Base class of the distributions of 88 keys."""

import keras
import tensorflow as tf

from apps.music.model import frames as frames_lib


class BinaryHead(keras.layers.Layer):
    """A distribution of a frame whose keys are on or off.

    Subclasses have `logits(vectors, frames)`: log-odds of each key, (..., 88).
    """

    width = frames_lib.KEYS

    def nats(self, vectors, frames):
        """Returns the negative log-likelihood of each key, (..., 88).

        Args:
          vectors: (..., size); states of the network before the frames.
          frames: int32 (..., 88) of 0 and 1.
        """
        return tf.nn.sigmoid_cross_entropy_with_logits(
            tf.cast(frames, tf.float32), self.logits(vectors, frames)
        )
