"""Reads the pieces that clients send."""

import tensorflow as tf

from apps.music.model import frames as frames_lib
from common.generation import numbers

BEATS = 4  # Of a bar.
MAX_FRAMES = numbers.MAX_LENGTH  # Of a piece, and composed for an answer.
VOICES = 4


def input_spec(network: str) -> tf.TensorSpec:
    """Returns the input of a network: a roll, or voices."""
    if network == "voices":
        return tf.TensorSpec([None, None, VOICES], tf.int32, "voices")
    return tf.TensorSpec([None, None, frames_lib.KEYS], tf.int32, "roll")


class PieceReader:
    """Reads pieces with the network of a composer.

    Args:
      network: A `FrameNetwork`.
      head: The distribution of a frame.
      arguments: `Arguments`.
    """

    def __init__(self, network, head, arguments):
        self.network, self.head = network, head
        self.arguments = arguments

    def read(self, roll=None, voices=None):
        """Returns the frames of pieces as the network reads them, and counts.

        Args:
          roll: int32 (batch, frames, 88), as in `frames`.
          voices: int32 (batch, frames, 4), as in `frames`.

        Returns:
          int32 (batch, frames, width) and (batch,).

        Raises:
          InvalidArgumentError: A piece has more than `MAX_FRAMES` frames.
        """
        pieces = roll if voices is None else voices
        counts = frames_lib.counts(pieces)
        is_short = tf.debugging.assert_less_equal(
            counts, MAX_FRAMES, f"A piece has more than {MAX_FRAMES:,} frames"
        )
        with tf.control_dependencies([is_short] if is_short else []):
            counts = tf.identity(counts)
        pieces = pieces[:, : tf.reduce_max(tf.concat([[0], counts], 0))]
        if voices is not None:
            return frames_lib.indices(pieces), counts
        if self.arguments.network == "melody":
            return frames_lib.highest(pieces), counts
        return frames_lib.keys(pieces), counts

    def read_input(self, piece):
        """Returns the same of the only input of a signature."""
        name = input_spec(self.arguments.network).name
        return self.read(**{name: piece})

    def start(self, primer, counts):
        """Reads beginnings.

        Returns:
          The vectors at their frames; the states before their last frames
          are read; and the last frames.
        """
        rows, width = tf.shape(counts)[0], self.head.width
        start = tf.fill([rows, 1, width], frames_lib.START)
        known = tf.concat([start, primer], 1)
        last = tf.gather(known, counts, batch_dims=1)
        steps = tf.shape(primer)[1]
        vectors, states = self.network(
            known[:, : tf.maximum(steps, 1)],  # One of padding, at least.
            counts,
            self.network.zero_states(rows),
        )
        return vectors[:, :steps], states, last


def seeds_of(frames, counts, seed):
    """Returns a seed for each piece, which depends on it and on `seed`.

    Args:
      frames: int32 (batch, frames, width).
      counts: int32 (batch,).
      seed: int.
    """
    frames = frames_lib.padded(frames, counts)
    # Any odd numbers, different for neighbors; the sum wraps around.
    steps = tf.range(tf.shape(frames)[1])[:, None] * 40_503
    places = (steps + tf.range(frames.shape[-1])) * 2_654_435 + 1
    sums = tf.reduce_sum(frames * places, [1, 2])
    return tf.bitwise.bitwise_and(sums, 2**30 - 1) + seed
