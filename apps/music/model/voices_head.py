"""Pitches of voices, each of which depends on voices chosen before it."""

import keras
import tensorflow as tf

from apps.music.model import frames as frames_lib
from common.generation import decoding

# Of soprano, alto, tenor and bass: the outer voices first.
OUTER_FIRST = (0, 3, 1, 2)


@keras.saving.register_keras_serializable("unroll")
class VoicesHead(keras.layers.Layer):
    """The probability of the pitch of each voice, the outer voices first.

        h_v = relu(W_v x + b_v + sum of E_vw[pitch of voice w])
        p(pitch of voice v) = softmax(V_v h_v + c_v)

    x is the state of the network, and w are the voices before v in the order
    soprano, bass, alto, tenor.

    Args:
      arguments: `Arguments`.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.units = arguments.frame_units
        self.width = len(arguments.ranges)
        self.order = OUTER_FIRST if self.width > 1 else (0,)
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
                shape=(place * frames_lib.PITCHES, self.units),
                initializer=keras.initializers.RandomUniform(),
                name=f"from_voices_{place}",
            )
            for place in range(1, self.width)
        ]

    def logits(self, vectors, frames):
        """Returns the logits of the pitches of each voice, (..., voices, 89).

        Args:
          vectors: (..., size); states of the network before the frames.
          frames: int32 (..., voices), of indices of pitches.
        """
        frames = tf.gather(frames, self.order, axis=-1)
        logits = [
            self._logits(vectors, frames[..., :place])
            for place in range(self.width)
        ]
        return self._by_voice(logits, -2)

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
        chosen = [] if given is None else [given]
        for place in range(len(chosen), self.width):
            voice = self.order[place]
            before = tf.stack(chosen, -1) if chosen else None
            logits = self._logits(vectors, before) + self._outside(voice)
            chosen.append(
                decoding.draw(logits, uniforms[:, voice], temperature, 0, top_p)
            )
        return self._by_voice(chosen, -1)

    def _by_voice(self, values, axis):
        """Returns values in the order of the draws, stacked by voice."""
        return tf.stack(
            [values[self.order.index(v)] for v in range(self.width)], axis
        )

    def _logits(self, vectors, before):
        """Returns the logits of the voice behind those that are chosen.

        Args:
          vectors: (..., size).
          before: int32 (..., places), the pitches of the voices before it in
            the order of the draws; None for the first one.
        """
        place = 0 if before is None else before.shape[-1]
        hidden = self.hidden[place](vectors)
        if place:
            rows = before + tf.range(place) * frames_lib.PITCHES
            hidden += tf.reduce_sum(
                tf.gather(self.from_voices[place - 1], rows), -2
            )
        return self.pitches[place](tf.nn.relu(hidden))

    def _outside(self, voice):
        """Returns -1e9 for pitches outside the range of a voice, else 0."""
        low, high = self.ranges[voice]
        pitches = tf.range(frames_lib.PITCHES)
        is_inside = (pitches == 0) | ((pitches >= low) & (pitches <= high))
        return tf.where(is_inside, 0.0, -1e9)
