"""Batches of clips as clients send them: arrays, pictures, and states."""

import tensorflow as tf

from common.images import decode as pictures
from common.video import frames as frames_lib

MAX_STATE = 1e6  # Of the states that a client sends: larger ones overflow.


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
    flat = tf.reshape(frames, tf.concat([[-1], shape[2:]], 0))
    pixels = frames_lib.resize(flat, size)
    return tf.reshape(pixels, [shape[0], shape[1], size, size, 3])


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


def valid_state(values: tf.Tensor, rows: tf.Tensor, name: str) -> tf.Tensor:
    """Returns a state that a client sent, clipped to what cannot overflow.

    Args:
      values: (rows, ...).
      rows: Number of rows of the frames.
      name: Of the input, for messages.

    Raises:
      InvalidArgumentError: It is not finite, or has another number of rows.
    """
    remedy = "pass zeros, or the output of the step before."
    with tf.control_dependencies(
        [
            tf.debugging.assert_equal(
                tf.shape(values)[0],
                rows,
                f"{name} has other rows than frame: {remedy}",
            ),
            tf.debugging.assert_all_finite(
                values, f"{name} is not finite: {remedy}"
            ),
        ]
    ):
        return tf.clip_by_value(values, -MAX_STATE, MAX_STATE)
