"""Frames of music as clients send them, and as the networks read them.

Clients send a roll (batch, frames, 88) of 0 and 1, whose first key is A0, or
the MIDI pitches of voices (batch, frames, voices), 0 where one is silent. -1
is behind the end of a piece. Networks read keys, 0 or 1, or indices of
pitches: 0 is silence, 1 the lowest key of a piano. -1 is before the beginning.
"""

import tensorflow as tf

KEYS = 88
LOWEST = 21  # MIDI pitch of the first key of a piano, A0.
PITCHES = KEYS + 1  # Indices of pitches, silence included.
START = -1  # All values of the frame before the first one.


def counts(frames: tf.Tensor) -> tf.Tensor:
    """Returns the number of frames before the end of each piece, (batch,).

    Args:
      frames: int32 (batch, frames, width); a piece ends with the first frame
        that has a negative value.
    """
    is_inside = tf.reduce_all(frames >= 0, -1)
    inside = tf.math.cumprod(tf.cast(is_inside, tf.int32), 1)
    return tf.reduce_sum(inside, 1)


def keys(roll: tf.Tensor) -> tf.Tensor:
    """Returns 1 for each key that sounds, else 0."""
    return tf.cast(roll > 0, tf.int32)


def indices(pitches: tf.Tensor) -> tf.Tensor:
    """Returns the indices of MIDI pitches; silence for those of no key."""
    values = pitches - (LOWEST - 1)
    return tf.where((values > 0) & (values < PITCHES), values, 0)


def pitches(indices: tf.Tensor) -> tf.Tensor:
    """Returns the MIDI pitches of indices, 0 for silence."""
    return tf.where(indices > 0, indices + (LOWEST - 1), 0)


def highest(roll: tf.Tensor) -> tf.Tensor:
    """Returns the index of the highest key that sounds.

    Args:
      roll: int32 (..., 88) of 0 and 1.

    Returns:
      int32 (..., 1); 0 for silence.
    """
    return tf.reduce_max(keys(roll) * tf.range(1, PITCHES), -1, keepdims=True)


def roll(indices: tf.Tensor) -> tf.Tensor:
    """Returns the keys that voices sound.

    Args:
      indices: int32 (..., voices).

    Returns:
      int32 (..., 88) of 0 and 1.
    """
    return tf.reduce_max(tf.one_hot(indices - 1, KEYS, dtype=tf.int32), -2)


def padded(frames: tf.Tensor, counts: tf.Tensor, value: float = 0) -> tf.Tensor:
    """Returns frames with a value behind the end of each piece.

    Args:
      frames: (batch, frames) or (batch, frames, width).
      counts: int32 (batch,).
      value: Of the padding.
    """
    is_inside = tf.sequence_mask(counts, tf.shape(frames)[1])
    if frames.shape.rank == 3:
        is_inside = is_inside[..., None]
    return tf.where(is_inside, frames, tf.cast(value, frames.dtype))
