"""Frames between files, answers and the network."""

import tensorflow as tf

from common.video import batches
from common.video import decode
from common.video import limits


def from_array(frames: tf.Tensor, size: int) -> decode.Clips:
    """Returns clips of uint8 (batch, time, height, width, 3), resized."""
    shape = tf.shape(frames)
    pixels = batches.resize(frames, size)
    durations = tf.fill(shape[:2], limits.FRAME_SECONDS)
    return decode.Clips(pixels, tf.fill(shape[:1], shape[1]), durations)


def from_pictures(image_bytes: tf.Tensor, size: int) -> decode.Clips:
    """Returns clips of picture files (batch, time), without unreadable ones."""
    pixels, readable = batches.read_pictures(image_bytes, size)
    readable = tf.cast(readable, tf.int32)
    order = tf.argsort(-readable, stable=True)
    counts = tf.reduce_sum(readable, 1)
    durations = tf.fill(tf.shape(image_bytes), limits.FRAME_SECONDS)
    return decode.Clips(
        tf.gather(pixels, order, batch_dims=1), counts, durations
    )


def context(clips: decode.Clips, length: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the last frames of clips, and which of them are there.

    Args:
      clips: See `decode.read`.
      length: Number of frames; a shorter clip is padded in front.

    Returns:
      float32 (batch, length, size, size, 3), and bool (batch, length).
    """
    places = clips.counts[:, None] - length + tf.range(length)
    # There may be no frame at all.
    frames = tf.pad(clips.frames, [[0, 0], [0, 1], [0, 0], [0, 0], [0, 0]])
    mask = places >= 0
    return tf.gather(frames, tf.maximum(places, 0), batch_dims=1), mask


def to_network(frames: tf.Tensor, channels: int) -> tf.Tensor:
    """Returns (..., channels) from 0 to 1, of RGB (..., 3) from 0 to 255.

    One channel is the mean of the three.
    """
    frames = tf.cast(frames, tf.float32) / 255
    if channels == 1:
        return tf.reduce_mean(frames, -1, keepdims=True)
    return frames


def to_rgb(frames: tf.Tensor) -> tf.Tensor:
    """Returns uint8 (..., 3), of values (..., channels) from 0 to 1."""
    frames = tf.cast(tf.round(255 * frames), tf.uint8)
    repeats = 3 // frames.shape[-1]
    return tf.repeat(frames, repeats, axis=-1)
