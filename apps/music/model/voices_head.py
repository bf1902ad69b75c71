"""Pitches of voices, each of which depends on the voices above it."""

import keras
import tensorflow as tf

from apps.music.model import frames as frames_lib
from common.generation import decoding


@keras.saving.register_keras_serializable("unroll")
class VoicesHead(keras.layers.Layer):
    """The probability of the pitch of each voice, from the highest voice on.

        h_v = relu(W_v x + b_v + sum of E_vw[pitch of voice w] for w < v)
        p(pitch of voice v) = softmax(V_v h_v + c_v)

    x is the state of the network.

    Args:
      arguments: `Arguments`.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.units = arguments.frame_units
        self.width = len(arguments.ranges)
        self.ranges = arguments.ranges
        self.hidden = [keras.layers.Dense(self.units) for _ in self.ranges]
        self.pitches = [
            keras.layers.Dense(frames_lib.PITCHES) for _ in self.ranges
        ]

    def build(self, input_shape):
        for layer in self.hidden:
            layer.build(input_shape)
        for layer in self.pitches:
            layer.build((*input_shape[:-1], self.units))
        self.from_voices = [
            self.add_weight(
                shape=(voice * frames_lib.PITCHES, self.units),
                initializer=keras.initializers.RandomUniform(),
                name=f"from_voices_{voice}",
            )
            for voice in range(1, self.width)
        ]

    def logits(self, vectors, frames):
        """Returns the logits of the pitches of each voice, (..., voices, 89).

        Args:
          vectors: (..., size); states of the network before the frames.
          frames: int32 (..., voices), of indices of pitches.
        """
        return tf.stack(
            [
                self._logits(vectors, frames[..., :voice])
                for voice in range(self.width)
            ],
            -2,
        )

    def nats(self, vectors, frames):
        """Returns the negative log-likelihood of each pitch, (..., voices)."""
        return tf.nn.sparse_softmax_cross_entropy_with_logits(
            frames, self.logits(vectors, frames)
        )

    def draw(self, vectors, uniforms, temperature, top_p, given=None):
        """Returns random pitches within the ranges, int32 (batch, voices).

        Args:
          vectors: (batch, size).
          uniforms: (batch, voices); a random number for each pitch.
          temperature: See `decoding.sample`.
          top_p: The same.
          given: int32 (batch,); the pitches of the first voice, if they are
            known.
        """
        frame = vectors[:, :0]
        frame = tf.cast(frame, tf.int32)
        if given is not None:
            frame = given[:, None]
        for voice in range(frame.shape[-1], self.width):
            logits = self._logits(vectors, frame) + self._outside(voice)
            pitch = decoding.draw(
                logits, uniforms[:, voice], temperature, 0, top_p
            )
            frame = tf.concat([frame, pitch[:, None]], 1)
        return frame

    def _logits(self, vectors, above):
        """Returns the logits of a voice, given the pitches of those above."""
        voice = above.shape[-1]
        hidden = self.hidden[voice](vectors)
        if voice:
            rows = above + tf.range(voice) * frames_lib.PITCHES
            hidden += tf.reduce_sum(
                tf.gather(self.from_voices[voice - 1], rows), -2
            )
        return self.pitches[voice](tf.nn.relu(hidden))

    def _outside(self, voice):
        """Returns -1e9 for pitches outside the range of a voice, else 0."""
        low, high = self.ranges[voice]
        pitches = tf.range(frames_lib.PITCHES)
        is_inside = (pitches == 0) | ((pitches >= low) & (pitches <= high))
        return tf.where(is_inside, 0.0, -1e9)
