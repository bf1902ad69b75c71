"""Augmentation: the same music, a few semitones higher or lower."""

import tensorflow as tf

from apps.music.model import frames as frames_lib


def transpose(
    parts: list[tf.Tensor],
    semitones: int,
    ranges: list[list[int]],
    seed: tf.Tensor,
) -> list[tf.Tensor]:
    """Transposes each row by a random number of semitones.

    No note leaves the range of its voice, or of the keys.

    Args:
      parts: int32 (batch, frames, width) each, of keys or indices of pitches;
        all are transposed alike.
      semitones: The largest change.
      ranges: See `Arguments`.
      seed: int (2,); of this batch.
    """
    bounds = tf.constant(ranges)
    is_roll = parts[-1].shape[-1] == frames_lib.KEYS
    places = _indices(parts[-1]) if is_roll else parts[-1]
    sounds = places > 0
    lowest = tf.reduce_min(tf.where(sounds, places, 1000), 1)
    highest = tf.reduce_max(tf.where(sounds, places, -1000), 1)
    down = tf.reduce_min(lowest - bounds[:, 0], -1)
    up = tf.reduce_min(bounds[:, 1] - highest, -1)
    down, up = (tf.clip_by_value(most, 0, semitones) for most in (down, up))
    drawn = tf.random.stateless_uniform(tf.shape(down), seed)
    choices = tf.cast(down + up + 1, tf.float32)
    change = tf.cast(drawn * choices, tf.int32) - down
    move = _move_keys if is_roll else _move_pitches
    return [move(part, change) for part in parts]


def _indices(keys):
    """Returns the index of each key that sounds, 0 of the others."""
    return keys * tf.range(1, frames_lib.PITCHES)


def _move_keys(keys, change):
    """Returns keys moved up; the frame before the beginning stays as it is."""
    source = tf.range(frames_lib.KEYS) - change[:, None]
    exists = (source >= 0) & (source < frames_lib.KEYS)
    source = tf.clip_by_value(source, 0, frames_lib.KEYS - 1)
    moved = tf.gather(tf.maximum(keys, 0), source, axis=2, batch_dims=1)
    moved = tf.where(exists[:, None], moved, 0)
    return tf.where(keys < 0, frames_lib.START, moved)


def _move_pitches(indices, change):
    return tf.where(indices > 0, indices + change[:, None, None], indices)
