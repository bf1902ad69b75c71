"""Batches of clips as clients send them: arrays and pictures."""

import tensorflow as tf

from common.images import decode as pictures
from common.video import frames as frames_lib


def resize(frames: tf.Tensor, size: int) -> tf.Tensor:
    """Returns float32 (batch, time, size, size, 3), from 0 to 255.

    Args:
      frames: uint8 (batch, time, height, width, 3).
      size: Height and width in pixels.

    Raises:
      InvalidArgumentError: The result would be too large.
    """
    shape = tf.shape(frames)
    frames = frames_lib.require_batch(frames, shape[0], shape[1], size)
    pixels = frames_lib.resize(fold(frames), size)
    return tf.reshape(pixels, [shape[0], shape[1], size, size, 3])


def fold(values: tf.Tensor) -> tf.Tensor:
    """Returns (batch * time, ...) of values (batch, time, ...)."""
    return tf.reshape(values, tf.concat([[-1], tf.shape(values)[2:]], 0))


def unfold(values: tf.Tensor, batch_and_time: tf.Tensor) -> tf.Tensor:
    """Returns (batch, time, ...) of values (batch * time, ...).

    Args:
      values: Those of `fold`, or what was computed from them.
      batch_and_time: Their numbers, int32 (2,).
    """
    shape = tf.concat([batch_and_time, tf.shape(values)[1:]], 0)
    return tf.reshape(values, shape)


def read_pictures(
    image_bytes: tf.Tensor, size: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the frames of picture files, and whether they are readable.

    Args:
      image_bytes: String tensor (batch, time), contents of files.
      size: Height and width in pixels.

    Returns:
      float32 (batch, time, size, size, 3), from 0 to 255, and bool (batch,
      time).

    Raises:
      InvalidArgumentError: The result would be too large.
    """
    shape = tf.shape(image_bytes)
    image_bytes = frames_lib.require_batch(
        image_bytes, shape[0], shape[1], size
    )
    pixels, readable = pictures.read(tf.reshape(image_bytes, [-1]), size)
    pixels = tf.reshape(pixels, [shape[0], shape[1], size, size, 3])
    return pixels, tf.reshape(readable, shape)
