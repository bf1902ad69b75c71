"""Decodes clips, inside the graph: GIF and NumPy files.

Stock ops decode the pixels, so that a SavedModel takes files as they are. A
file that cannot be decoded is an error in the graph, which `read` catches.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from common.images import binary
from common.images import decode as pictures
from common.video import frames as frames_lib
from common.video import gif
from common.video import limits
from common.video import npy


class Clips(NamedTuple):
    """A batch of clips.

    Attributes:
      frames: float32 (batch, time, size, size, 3), RGB from 0 to 255; zeros
        after the end of a clip.
      counts: int32 (batch,), frames of each clip; 0 if it is unreadable.
      durations: float32 (batch, time), seconds for which a frame is displayed;
        zeros after the end.
    """

    frames: tf.Tensor
    counts: tf.Tensor
    durations: tf.Tensor


def read(videos: tf.Tensor, size: int, last: int | None = None) -> Clips:
    """Returns clips of one size, padded to the longest one.

    Formats are GIF, and NumPy files of uint8 arrays (time, height, width) or
    (time, height, width, 3), with 0.1 s a frame; `files.read` turns others into
    these. Whole frames are resized; their aspect ratio is not kept. Frames that
    have the size keep their exact pixels. Of a GIF that is cut off, the
    complete frames are read. `check` gives the reason for an unreadable file.

    Args:
      videos: String tensor (batch,), contents of files.
      size: Height and width in pixels.
      last: Number of frames to keep of each clip, at its end; None for all.

    Raises:
      InvalidArgumentError: The batch would be too large: padding to one long
        clip multiplies it.
    """
    last = limits.MAX_FRAMES if last is None else last
    frames, counts, durations = _read(videos, size, last)
    # The size is an argument of one graph, which is traced once.
    shape = [None, None, size, size, 3]
    return Clips(tf.ensure_shape(frames, shape), counts, durations)


@tf.function(
    input_signature=[
        tf.TensorSpec([None], tf.string),
        tf.TensorSpec([], tf.int32),
        tf.TensorSpec([], tf.int32),
    ],
    autograph=False,
)
def _read(videos, size, last):
    """Returns the parts of `Clips`."""
    count = tf.shape(videos, tf.int64)[0]
    clips = tf.data.Dataset.from_tensor_slices((tf.range(count), videos))
    clips = clips.map(
        lambda row, content: (row, *_last(last, *_decode(content, size))),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    clips = clips.ignore_errors().map(
        lambda row, pixels, durations: (
            row,
            frames_lib.require_batch(pixels, count, tf.shape(pixels)[0], size),
            durations,
        )
    )
    # A final element, so that there is one even if no clip is readable.
    empty = tf.zeros([0, size, size, 3]), tf.zeros([0])
    clips = clips.concatenate(tf.data.Dataset.from_tensors((count, *empty)))
    frame_shape = tf.cast(tf.stack([-1, size, size, 3]), tf.int64)
    clips = clips.padded_batch(count + 1, ([], frame_shape, [None]))
    rows, pixels, durations = clips.get_single_element()
    # Unreadable clips take the place of the final element.
    places = tf.range(tf.shape(rows)[0] - 1)
    unreadable = tf.fill([count], tf.shape(rows)[0] - 1)
    places = tf.tensor_scatter_nd_update(unreadable, rows[:-1, None], places)
    durations = tf.gather(durations, places)
    counts = tf.math.count_nonzero(durations, 1, dtype=tf.int32)
    return Clips(tf.gather(pixels, places), counts, durations)


def _last(count, pixels, durations):
    """Returns the last frames of a clip, and their seconds."""
    places = tf.range(tf.shape(pixels)[0])[-count:]
    # A slice would keep all frames in memory.
    return tf.gather(pixels, places), tf.gather(durations, places)


def read_one(content: bytes, size: int) -> tuple[np.ndarray, list[float]]:
    """Returns the frames of a clip, and the seconds of each.

    Args:
      content: The file.
      size: Height and width in pixels.

    Returns:
      uint8 (time, size, size, 3), and (time).

    Raises:
      ValueError: It cannot be read; the message is the reason.
    """
    try:
        pixels, seconds = _decode(tf.constant(content), tf.constant(size))
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(binary.reason(error)) from error
    frames = tf.cast(tf.round(pixels), tf.uint8)
    return frames.numpy(), seconds.numpy().tolist()


def check(content: bytes, size: int = 1) -> None:
    """Raises ValueError with the reason if `read` cannot read a clip.

    Args:
      content: The file.
      size: The argument of `read`. It matters for long clips: the bytes of
        the result are limited.
    """
    read_one(content, size)


@tf.function(
    input_signature=[
        tf.TensorSpec([], tf.string),
        tf.TensorSpec([], tf.int32),
    ],
    autograph=False,
)
def _decode(content, size):  # (), () -> (time, size, size, 3), (time,)
    is_gif, is_npy = (
        binary.slice_bytes(content, 0, len(kind.MAGIC)) == kind.MAGIC
        for kind in (gif, npy)
    )
    reason = "is not a GIF or NumPy file"
    content = binary.require(is_gif | is_npy, content, reason)
    pixels, durations = tf.cond(
        is_gif,
        lambda: gif.decode(content, size, pictures.LIMITS),
        lambda: _decode_npy(content, size, pictures.LIMITS),
    )
    return tf.clip_by_value(pixels, 0, 255), durations


def _decode_npy(content, size, bounds):
    pixels, count = npy.decode(content, size, bounds)
    return pixels, tf.fill([count], limits.FRAME_SECONDS)
