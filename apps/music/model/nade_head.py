"""Keys that depend on the lower keys of their frame."""

import keras
import tensorflow as tf

from apps.music.model import binary_head
from apps.music.model import choices
from apps.music.model import frames as frames_lib


@keras.saving.register_keras_serializable("unroll")
class NadeHead(binary_head.BinaryHead):
    """A neural autoregressive distribution over the keys of a frame.

        h_i = sigmoid(W_h v + b_h + sum of W_j over the keys j < i that sound)
        p(key i) = sigmoid(V_i . h_i + U_i . v + b_i)

    v is the state of the network. h changes only behind a key that sounds, so
    that all keys of a frame with n notes need n + 1 hidden layers, not 88:
    matrix products in training, and n + 1 steps in sampling.

    Args:
      arguments: `Arguments`.

    Reference: Larochelle & Murray, The Neural Autoregressive Distribution
    Estimator, 2011; Boulanger-Lewandowski, Bengio & Vincent, Modeling Temporal
    Dependencies in High-Dimensional Sequences, 2012 (RNN-NADE).
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.units = arguments.frame_units
        self.hidden = keras.layers.Dense(self.units)
        self.visible = keras.layers.Dense(frames_lib.KEYS)

    def build(self, input_shape):
        self.hidden.build(input_shape)
        self.visible.build(input_shape)
        shape = (frames_lib.KEYS, self.units)
        self.from_keys = self.add_weight(shape=shape, name="from_keys")
        self.to_keys = self.add_weight(shape=shape, name="to_keys")

    def logits(self, vectors, frames):
        """Returns the log-odds of each key given the lower ones, (..., 88).

        Args:
          vectors: (..., size); states of the network before the frames.
          frames: int32 (..., 88).
        """
        below = tf.cumsum(frames, -1, exclusive=True)
        notes = tf.reduce_max(tf.reduce_sum(frames, -1))
        steps = tf.range(tf.maximum(notes, 0) + 1)  # Of no frames, notes < 0.
        # Of each number of notes, the keys that sound among the lowest ones.
        lowest = (below[..., None, :] < steps[:, None]) & (
            frames[..., None, :] > 0
        )
        lowest = tf.cast(lowest, tf.float32)
        hidden = self.hidden(vectors)[..., None, :]
        hidden += _product(lowest, self.from_keys)
        log_odds = _product(tf.sigmoid(hidden), tf.transpose(self.to_keys))
        is_step = tf.cast(below[..., None, :] == steps[:, None], tf.float32)
        return tf.reduce_sum(log_odds * is_step, -2) + self.visible(vectors)

    def draw(self, vectors, uniforms, temperature, top_p):
        """Returns random frames, int32 (batch, 88).

        Args:
          vectors: (batch, size).
          uniforms: (batch, 88); a random number for each key.
          temperature: See `choices.one_of_two`.
          top_p: The same.
        """
        visible = self.visible(vectors)
        keys = tf.range(frames_lib.KEYS)

        def more(first, hidden, frame):
            return tf.reduce_any(first < frames_lib.KEYS)

        def next_note(first, hidden, frame):
            """Adds the lowest key that sounds from `first` on."""
            log_odds = tf.matmul(
                tf.sigmoid(hidden), self.to_keys, transpose_b=True
            )
            sounds = choices.one_of_two(
                log_odds + visible, uniforms, temperature, top_p
            )
            sounds &= keys >= first[:, None]
            note = tf.argmax(sounds, -1, tf.int32)
            exists = tf.reduce_any(sounds, -1)
            note = tf.where(exists, note, frames_lib.KEYS)  # No key: zeros.
            note_keys = tf.one_hot(note, frames_lib.KEYS)
            hidden += tf.matmul(note_keys, self.from_keys)
            return note + 1, hidden, frame + tf.cast(note_keys, tf.int32)

        rows = tf.shape(vectors)[0]
        first = tf.zeros([rows], tf.int32)
        frame = tf.zeros([rows, frames_lib.KEYS], tf.int32)
        hidden = self.hidden(vectors)
        return tf.while_loop(more, next_note, (first, hidden, frame))[-1]


def _product(values, matrix):
    """Returns values (..., m) times a matrix (m, n), (..., n).

    On two axes: TensorFlow 2.21 crashes in a product of more of them.
    """
    flat = tf.matmul(tf.reshape(values, [-1, values.shape[-1]]), matrix)
    shape = tf.concat([tf.shape(values)[:-1], matrix.shape[1:]], 0)
    return tf.reshape(flat, shape)
