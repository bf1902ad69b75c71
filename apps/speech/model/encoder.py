"""Features of frames -> convolutions -> recurrent states."""

import keras
import tensorflow as tf

from common import layers
from common.audio import mel

# Sides of the kernels over time, and strides: a step of the network is two
# frames of 10 ms, which even the shortest words have for each character.
KERNELS, STRIDES = (3, 5), (1, 2)
STRIDE = 2
STEP_SECONDS = STRIDE * mel.HOP
REACH = 7  # Frames that a step reads.
BEFORE, AFTER = 3, 3  # Of them, before and after its first frame.


@keras.saving.register_keras_serializable("unroll", "SpeechEncoder")
class Encoder(keras.layers.Layer):
    """Computes a state for each step of 20 ms.

    Zeros precede and follow a recording; no layer pads its inputs. So a stream
    has the same answers as a whole recording: see `step` and `flush`.

    Args:
      arguments: `Arguments`.

    Call arguments:
      features: float (batch, frames, mels), zeros after the end.
      counts: int32 (batch,), frames of each recording.
      training: Whether to apply dropout.

    Returns:
      float (batch, steps, size), with `steps(frames)` steps, at least one;
      further ones have any values.

    Reference: Amodei et al., Deep Speech 2, 2016; Wang et al., Lookahead
    Convolution Layer for Unidirectional Recurrent Neural Networks, 2016.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.convolutions = [
            keras.layers.Conv1D(arguments.units, kernel, stride)
            for kernel, stride in zip(KERNELS, STRIDES)
        ]
        # Not batch normalization: padding would change its statistics.
        self.norms = [keras.layers.LayerNormalization() for _ in KERNELS]
        self.recurrent = layers.RecurrentStack(
            arguments.cell,
            arguments.units,
            arguments.depth,
            arguments.bidirectional,
            dropout=arguments.dropout,
            return_sequences=True,
            return_state=True,
        )
        self.lookahead = None  # Its weights, (steps ahead, units).
        self.dropout = keras.layers.Dropout(arguments.dropout)

    def build(self, features_shape, counts_shape=None):
        shape = (None, None, self.arguments.mels)
        for convolution, norm in zip(self.convolutions, self.norms):
            convolution.build(shape)
            shape = (None, None, self.arguments.units)
            norm.build(shape)
        self.recurrent.build(shape)
        if self.arguments.lookahead and not self.arguments.bidirectional:
            self.lookahead = self.add_weight(
                shape=(1 + self.arguments.lookahead, self.arguments.units),
                initializer=_first_one,
                name="lookahead",
            )

    @property
    def size(self):
        """The size of a state."""
        return (1 + self.arguments.bidirectional) * self.arguments.units

    def call(self, features, counts, training=False):
        # At least one frame: no layer takes no steps.
        missing = tf.maximum(1 - tf.shape(features)[1], 0)
        features = tf.pad(features, [[0, 0], [0, missing], [0, 0]])
        present = tf.sequence_mask(steps(counts), steps(tf.shape(features)[1]))
        return self.states(features, present, training)

    def states(self, features, present=None, training=False):
        """Returns the states of recordings of at least one frame.

        Args:
          features: float (batch, frames, mels).
          present: Which steps are not padding, bool (batch, steps); all, if
            None.
          training: Whether to apply dropout.
        """
        padded = tf.pad(features, [[0, 0], [BEFORE, AFTER], [0, 0]])
        inputs = self._convolve(padded)
        # Padding follows the recording: reading forward, it is harmless.
        mask = present if self.arguments.bidirectional else None
        states, _ = self.recurrent(inputs, mask=mask, training=training)
        if self.lookahead is not None:
            if present is not None:
                states = tf.where(present[..., None], states, 0)
            states = self._read_ahead(self._end(states))
        return self.dropout(states, training=training)

    # Of a stream: the state is the frames and the states that further steps
    # need, and the recurrent states.

    def initial_state(self, batch):
        """Returns the state before the first frame of streams, a list."""
        frames = tf.zeros([batch, BEFORE, self.arguments.mels])
        states = tf.zeros([batch, 0, self.arguments.units])
        sizes = self.recurrent.state_sizes
        return [frames, states, *(tf.zeros([batch, size]) for size in sizes)]

    def step(self, features, state):
        """Returns the states of complete steps, and the next state.

        Args:
          features: float (batch, frames, mels), the next ones, maybe none.
          state: See `initial_state`.
        """
        frames, *state = state
        frames = tf.concat([frames, features], 1)
        count = (tf.shape(frames)[1] - REACH) // STRIDE + 1
        count = tf.maximum(count, 0)
        used = frames[:, : REACH - STRIDE + STRIDE * count]
        states, state = self._advance(used, count, state)
        return states, [frames[:, STRIDE * count :], *state]

    def flush(self, state):
        """Returns the states of the last steps of streams.

        Args:
          state: The last state that `step` returned.
        """
        frames, *state = state
        rest = tf.shape(frames)[1] - BEFORE
        frames = tf.pad(frames, [[0, 0], [0, AFTER], [0, 0]])
        states, _ = self._read(frames, steps(rest), state)
        if self.lookahead is not None:
            states = self._read_ahead(self._end(states))
        return states

    def _advance(self, frames, count, state):
        states, last = self._read(frames, count, state)
        if self.lookahead is None:
            return states, [states[:, :0], *last]
        ahead = self.arguments.lookahead
        ready = tf.maximum(tf.shape(states)[1] - ahead, 0)
        complete = self._read_ahead(states[:, : ready + ahead])
        return complete, [states[:, ready:], *last]

    def _read(self, frames, count, state):
        """Returns the states of pending and new steps, and the last ones."""
        pending, *initial = state

        def read():
            states, last = self.recurrent(
                self._convolve(frames), initial_state=list(initial)
            )
            return [states, *last]

        def wait():  # No layer takes no steps.
            return [pending[:, :0], *initial]

        states, *last = tf.cond(count > 0, read, wait)
        return tf.concat([pending, states], 1), last

    def _convolve(self, frames):
        for convolution, norm in zip(self.convolutions, self.norms):
            frames = keras.ops.relu(norm(convolution(frames)))
        return frames

    def _end(self, states):
        return tf.pad(states, [[0, 0], [0, self.arguments.lookahead], [0, 0]])

    def _read_ahead(self, states):
        """Returns weighted sums of each state and the next ones."""
        weights = tf.unstack(self.lookahead.value)
        count = tf.maximum(tf.shape(states)[1] - len(weights) + 1, 0)
        return tf.add_n(
            [states[:, i : i + count] * w for i, w in enumerate(weights)]
        )


def _first_one(shape, dtype=None):
    """Returns weights of one for each state, and of zero for the next ones."""
    return keras.ops.concatenate(
        [
            keras.ops.ones([1, shape[1]], dtype),
            keras.ops.zeros([shape[0] - 1, shape[1]], dtype),
        ]
    )


def steps(frames):
    """Returns the number of steps of numbers of frames."""
    return -(-frames // STRIDE)
