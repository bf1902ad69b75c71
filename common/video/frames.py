"""Limits and sizes of the frames of a clip, in the graph."""

import tensorflow as tf

from common.images import binary
from common.video import limits


def require(
    content: tf.Tensor,
    count: tf.Tensor,
    height: tf.Tensor,
    width: tf.Tensor,
    size: tf.Tensor,
) -> tf.Tensor:
    """Returns the file; an error if it has no frames or too many.

    Args:
      content: The file.
      count: Number of frames, int32 as the other numbers.
      height: Of a frame, in pixels.
      width: Of a frame.
      size: Height and width of the result.
    """
    content = binary.require(count > 0, content, "has no frames")
    reason = "has {} frames, more than {}"
    content = binary.require(
        count <= limits.MAX_FRAMES,
        content,
        tf.strings.format(reason, (count, limits.MAX_FRAMES)),
    )
    # As floating-point numbers, the products cannot overflow.
    sides = [tf.cast(side, tf.float64) for side in (height, width, size)]
    total = 3 * tf.cast(count, tf.float64)
    reason = "has {} frames of {} x {} pixels, more than {} bytes in all"
    content = binary.require(
        total * sides[0] * sides[1] <= limits.MAX_BYTES,
        content,
        tf.strings.format(reason, (count, width, height, limits.MAX_BYTES)),
    )
    reason = "has {} frames, more than {} bytes if they are of {} x {} pixels"
    return binary.require(
        total * sides[2] * sides[2] * tf.float32.size <= limits.MAX_BYTES,
        content,
        tf.strings.format(reason, (count, limits.MAX_BYTES, size, size)),
    )


def require_batch(
    values: tf.Tensor, rows: tf.Tensor, time: tf.Tensor, size: tf.Tensor
) -> tf.Tensor:
    """Returns values; an error if a batch of clips would be too large.

    Args:
      values: A part of the batch, on which its pixels depend.
      rows: Number of clips, also of unreadable ones; all numbers are integers.
      time: Frames to which they are padded.
      size: Height and width of a frame.
    """
    # As floating-point numbers, the product cannot overflow.
    sides = [tf.cast(side, tf.float64) for side in (rows, time, size, size)]
    total = 3 * tf.float32.size * tf.reduce_prod(tf.stack(sides))
    reason = (
        "A batch of {} clips of {} frames, scaled to {} x {} pixels, has more "
        "than {} bytes: pass fewer or shorter clips at once."
    )
    return binary.require(
        total <= limits.MAX_BATCH_BYTES,
        values,
        tf.strings.format(
            reason, (rows, time, size, size, limits.MAX_BATCH_BYTES)
        ),
    )


def resize(frames: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """Returns frames as float32 (..., size, size, channels).

    Args:
      frames: (..., height, width, channels); equal pixels if it has the size.
      size: Height and width in pixels.
    """
    is_equal = tf.reduce_all(tf.shape(frames)[-3:-1] == size)
    return tf.cond(
        is_equal,
        lambda: tf.cast(frames, tf.float32),
        lambda: binary.resize(frames, size),
    )
