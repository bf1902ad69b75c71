"""Attention to the states of the last frames."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("unroll")
class RecentAttention(keras.layers.Layer):
    """Adds to each state a weighted mean of the states before it.

        weights = softmax(s_i . W s_t / sqrt(size)) over t - frames <= i < t
        output_t = tanh(U [s_t; sum of weights_i s_i])

    The first state has none before it, and attends to zeros.

    Args:
      frames: int; number of earlier states.
      units: int; size of the states.

    Reference: Luong, Pham & Manning 2015; attention to the own past as in
    Cheng, Dong & Lapata, Long Short-Term Memory-Networks for Machine Reading,
    2016.
    """

    def __init__(self, frames, units, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True  # Padding is behind the states.
        self.frames, self.units = frames, units
        self.query = keras.layers.Dense(units, use_bias=False)
        self.output_layer = keras.layers.Dense(units, activation="tanh")

    def build(self, input_shape):
        self.query.build((None, self.units))
        self.output_layer.build((None, 2 * self.units))

    @property
    def state_shapes(self):
        """The shapes of the memory: states, and which of them exist."""
        return [(self.frames, self.units), (self.frames,)]

    def call(self, states, memory):
        """Returns outputs (batch, time, units).

        Args:
          states: (batch, time, units).
          memory: See `state_shapes`; of the frames before the first state.
        """
        earlier, exists = memory
        steps = tf.shape(states)[1]
        known = tf.concat([earlier, states], 1)
        exists = tf.concat([exists, tf.ones(tf.shape(states)[:2])], 1)
        # State t of the batch is at place t + frames of all.
        ages = (
            tf.range(steps)[:, None]
            + self.frames
            - tf.range(steps + self.frames)
        )
        is_recent = (ages > 0) & (ages <= self.frames)
        is_read = is_recent[None] & (exists > 0)[:, None]
        scores = tf.matmul(self.query(states), known, transpose_b=True)
        scores = tf.where(is_read, scores / self.units**0.5, -1e9)
        weights = tf.where(is_read, tf.nn.softmax(scores), 0.0)
        read = tf.matmul(weights, known)
        return self.output_layer(tf.concat([states, read], -1))

    def remember(self, states, memory, counts):
        """Returns the memory after some states.

        Args:
          states: (batch, time, units).
          memory: See `call`.
          counts: int32 (batch,); states of each row, the others are padding.
        """
        earlier, exists = memory
        known = tf.concat([earlier, states], 1)
        exists = tf.concat([exists, tf.ones(tf.shape(states)[:2])], 1)
        places = counts[:, None] + tf.range(self.frames)
        return [
            tf.gather(values, places, batch_dims=1)
            for values in (known, exists)
        ]
