"""The recurrent network that reads frames."""

import keras
import tensorflow as tf

from apps.music.model import frames as frames_lib
from apps.music.model import melody_reader
from apps.music.model import recent_attention
from common import layers


@keras.saving.register_keras_serializable("unroll")
class FrameNetwork(keras.layers.Layer):
    """Reads frames; the next frame is predicted from its states.

    Args:
      arguments: `Arguments`.
      width: int; values of a frame: 88 keys, or pitches of voices.

    Attributes:
      state_shapes: Shapes of the states, without the batch.
    """

    def __init__(self, arguments, width, **kwargs):
        super().__init__(**kwargs)
        self.arguments, self.width = arguments, width
        self.stack = layers.RecurrentStack(
            arguments.cell,
            arguments.units,
            depth=arguments.depth,
            # Dropout acts on features, not on the notes themselves.
            deep_input=[arguments.units],
            dropout=arguments.dropout,
            return_sequences=True,
            return_state=True,
        )
        self.attention = None
        if arguments.attention_frames:
            self.attention = recent_attention.RecentAttention(
                arguments.attention_frames, arguments.units
            )
        self.reader = None
        if arguments.network == "voices":
            self.reader = melody_reader.MelodyReader(arguments)
        self.drop = keras.layers.SpatialDropout1D(arguments.dropout)

    def build(self, input_shape):
        is_roll = self.width == frames_lib.KEYS
        size = self.width * (1 if is_roll else frames_lib.PITCHES) + 1
        if self.reader:
            self.reader.build(None)
            size += self.reader.size
        self.stack.build((None, None, size))
        if self.attention:
            self.attention.build(None)

    @property
    def state_shapes(self):
        shapes = [(size,) for size in self.stack.state_sizes]
        return shapes + (self.attention.state_shapes if self.attention else [])

    def zero_states(self, rows):
        """Returns the states before the beginning of pieces."""
        return [tf.zeros([rows, *shape]) for shape in self.state_shapes]

    def call(self, previous, counts, states, context=None, training=False):
        """Returns vectors (batch, frames, units), and the states behind.

        The vector at a frame depends on the frames before it.

        Args:
          previous: int32 (batch, frames, width); the frame before each frame,
            all `frames.START` at the beginning of a piece.
          counts: int32 (batch,); frames of each row, the others are padding.
          states: See `state_shapes`.
          context: See `MelodyReader.call`; zeros by default.
          training: Whether to apply dropout.
        """
        inputs = self._features(previous, context)
        number = len(self.stack.state_sizes)
        vectors, after = self.stack(
            inputs,
            mask=tf.sequence_mask(counts, tf.shape(previous)[1]),
            initial_state=states[:number],
            training=training,
        )
        if self.attention:
            memory = states[number:]
            after = after + self.attention.remember(vectors, memory, counts)
            vectors = self.attention(vectors, memory)
        return self.drop(vectors, training=training), after

    def of_melody(self, melody, counts):
        """Returns vectors (batch, frames, units) that depend on a melody alone.

        Args:
          melody: int32 (batch, frames), of indices of pitches.
          counts: int32 (batch,); frames of each melody.
        """
        rows = tf.shape(counts)[0]
        context = self.reader(melody, counts, tf.ones([rows]))
        start = tf.fill([rows, 1, self.width], frames_lib.START)
        room = [[0, 0], [0, 0], [0, self.width - 1]]
        melody_alone = tf.pad(melody[:, :-1, None], room)
        previous = tf.concat([start, melody_alone], 1)
        states = self.zero_states(rows)
        return self(previous, counts, states, context)[0]

    def step(self, previous, states):
        """Returns the vectors (batch, units) of one frame, and the states.

        Args:
          previous: int32 (batch, width).
          states: See `state_shapes`.
        """
        counts = tf.ones(tf.shape(previous)[:1], tf.int32)
        vectors, states = self(previous[:, None], counts, states)
        return vectors[:, 0], states

    def _features(self, previous, context):
        """Returns the inputs of the recurrent layers, (batch, frames, size)."""
        is_start = tf.reduce_any(previous < 0, -1, keepdims=True)
        if self.width == frames_lib.KEYS:
            values = tf.cast(tf.maximum(previous, 0), tf.float32)
        else:
            # In ONNX, the index -1 is that of the last pitch.
            values = tf.one_hot(tf.maximum(previous, 0), frames_lib.PITCHES)
            values *= 1 - tf.cast(is_start, tf.float32)[..., None]
            shape = tf.shape(previous)[:2]
            size = self.width * frames_lib.PITCHES
            values = tf.reshape(values, [*tf.unstack(shape), size])
        parts = [values, tf.cast(is_start, tf.float32)]
        if self.reader:
            if context is None:
                shape = [*tf.unstack(tf.shape(previous)[:2]), self.reader.size]
                context = tf.zeros(shape)
            parts.append(context)
        return tf.concat(parts, -1)
