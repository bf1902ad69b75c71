"""Reads bytes and integers of a file in the graph, within limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from typing import NamedTuple

import tensorflow as tf


class Limits(NamedTuple):
    """The limits of a picture file: a few bytes may claim any size.

    Attributes:
      pixels: Of a picture.
      scaled_pixels: Of a JPEG that is scaled down while it is decoded.
      parts: Segments, chunks or blocks of a file.
      scans: Of a JPEG.
      texts: Compressed texts of a PNG.
    """

    pixels: int
    scaled_pixels: int
    parts: int
    scans: int
    texts: int


def slice_bytes(
    content: tf.Tensor, offset: tf.Tensor | int, count: tf.Tensor | int
) -> tf.Tensor:
    """Returns `count` bytes from `offset` on; fewer at the end of the file."""
    # The error of an offset beyond the end would hold the whole file.
    offset = tf.minimum(offset, tf.strings.length(content))
    return tf.strings.substr(content, offset, count)


def integers(
    content: tf.Tensor,
    offset: tf.Tensor | int,
    dtype: tf.DType,
    count: int,
    little_endian: bool = True,
) -> list[tf.Tensor]:
    """Returns integers of a file as int32 scalars; an error at its end.

    Args:
      content: The file.
      offset: Of the first integer.
      dtype: Of an integer in the file.
      count: Number of integers.
      little_endian: Their byte order.
    """
    encoded = slice_bytes(content, offset, count * dtype.size)
    decoded = tf.io.decode_raw(encoded, dtype, little_endian)
    return tf.unstack(tf.cast(decoded, tf.int32), count)


def walk(
    limit: int | tf.Tensor, step: Callable, *state: Any
) -> list[tf.Tensor]:
    """Returns the last state of a walk over the parts of a file.

    Args:
      limit: Maximum number of parts.
      step: Maps a state to whether to continue, and the next state.
      *state: The first state.
    """
    more, *state = tf.while_loop(
        lambda more, *_: more,
        lambda _, *state: step(*state),
        (True, *state),
        maximum_iterations=limit,
    )
    reason = "is damaged, or has too many parts"
    return [require(~more, value, reason) for value in state]


def require(
    condition: tf.Tensor, value: tf.Tensor, reason: tf.Tensor | str
) -> tf.Tensor:
    """Returns the value; an error with the reason if the condition fails."""
    with tf.control_dependencies([tf.debugging.Assert(condition, [reason])]):
        return tf.identity(value)


def reason(error: tf.errors.InvalidArgumentError) -> str:
    """Returns the reason of `require`; a general one of other errors."""
    match = re.search(r"assertion failed: \[(.+?)\]", error.message)
    if not match:
        return "is cut short or damaged"
    return re.sub(r"\d+", lambda number: f"{int(number[0]):,}", match[1])


def require_size(
    content: tf.Tensor, height: tf.Tensor, width: tf.Tensor, limit: tf.Tensor
) -> tf.Tensor:
    """Returns the file; an error if it has no pixels or more than `limit`."""
    content = require((height > 0) & (width > 0), content, "has no pixels")
    reason = "has {} x {} pixels, more than {} for its kind"
    return require(
        width <= limit // tf.maximum(height, 1),
        content,
        tf.strings.format(reason, (width, height, limit)),
    )


def resize(image: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """Returns a picture as float32 (size, size, channels)."""
    return tf.image.resize(image, [size, size], antialias=True)


def on_white(
    color: tf.Tensor, opacity: tf.Tensor, size: tf.Tensor
) -> tf.Tensor:
    """Returns a picture on a white ground, as float32 (size, size, 3).

    Args:
      color: uint8 (height, width, 3).
      opacity: uint8 (height, width, 1).
      size: Of the result.
    """
    opacity = tf.cast(opacity, tf.uint16)
    light = resize(tf.cast(color, tf.uint16) * opacity, size) / 255
    return light + 255 - resize(opacity, size)
