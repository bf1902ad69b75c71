"""Keys that are independent given the frames before them."""

import keras
import tensorflow as tf

from apps.music.model import binary_head
from apps.music.model import choices
from apps.music.model import frames as frames_lib


@keras.saving.register_keras_serializable("unroll")
class KeysHead(binary_head.BinaryHead):
    """The probability of each key, independent of the others of its frame.

    The factorized family of the published tables.

    Args:
      arguments: `Arguments`.

    Reference: Chung et al., Empirical Evaluation of Gated Recurrent Neural
    Networks on Sequence Modeling, 2014.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(frames_lib.KEYS)

    def build(self, input_shape):
        self.dense.build(input_shape)

    def logits(self, vectors, frames):
        """Returns the log-odds of each key, (..., 88).

        Args:
          vectors: (..., size); states of the network before the frames.
          frames: int32 (..., 88); not used: no key depends on another.
        """
        return self.dense(vectors)

    def draw(self, vectors, uniforms, temperature, top_p):
        """Returns random frames, int32 (batch, 88).

        Args:
          vectors: (batch, size).
          uniforms: (batch, 88); a random number for each key.
          temperature: See `choices.one_of_two`.
          top_p: The same.
        """
        log_odds = self.logits(vectors, None)
        chosen = choices.one_of_two(log_odds, uniforms, temperature, top_p)
        return tf.cast(chosen, tf.int32)
