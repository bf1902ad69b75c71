"""Decodes JPEG, PNG, GIF, BMP and WebP files, inside the graph.

Stock ops decode the pixels, so that a SavedModel takes files as they are. The
modules of the formats add what these ops leave out: limits, Exif orientations,
transparency, palettes. A file that cannot be decoded is an error in the graph,
which `read` catches.
"""

import functools

import tensorflow as tf

from common.images import binary
from common.images import bmp
from common.images import gif
from common.images import jpeg
from common.images import png
from common.images import silent
from common.images import webp

FORMATS = (jpeg, png, gif, bmp, webp)
LIMITS = binary.Limits(
    pixels=2**25,  # Decoding takes up to 20 bytes for each.
    scaled_pixels=2**28,
    parts=2**16,  # Each takes about 20 µs.
    scans=100,  # Each may cover all pixels.
    texts=16,  # Each may take 8 MB.
)


@tf.function(reduce_retracing=True, autograph=False)
def read(image_bytes: tf.Tensor, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns pictures of one size, and whether they are readable.

    The whole picture is resized; its aspect ratio is not kept. Transparent
    pixels are laid on white. The first frame of an animation is read. An
    unreadable picture gives zeros; `check` gives the reason.

    Args:
      image_bytes: String tensor (batch,), contents of files.
      size: Height and width in pixels.

    Returns:
      float32 (batch, size, size, 3), RGB from 0 to 255, and bool (batch,).
    """
    count = tf.shape(image_bytes, tf.int64)[0]
    images = tf.data.Dataset.from_tensor_slices((tf.range(count), image_bytes))
    images = images.map(
        lambda row, content: (row, read_one(content, tf.constant(size))),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    # A last element, so that there is one even if no picture is readable.
    last = tf.data.Dataset.from_tensors((count, tf.zeros([size, size, 3])))
    images = images.ignore_errors().concatenate(last).batch(count + 1)
    rows, pixels = images.get_single_element()
    rows = rows[:-1, None]
    pixels = tf.scatter_nd(rows, pixels[:-1], [count, size, size, 3])
    readable = tf.scatter_nd(rows, rows[:, 0] >= 0, [count])
    return tf.ensure_shape(pixels, [None, size, size, 3]), readable


def check(content: bytes) -> None:
    """Raises ValueError with the reason if `read` cannot read a picture."""
    try:
        with silent.standard_error():  # libjpeg prints a line of its own.
            read_one(tf.constant(content), tf.constant(1))
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(binary.reason(error)) from error


@tf.function(
    input_signature=[
        tf.TensorSpec([], tf.string),
        tf.TensorSpec([], tf.int32),
    ],
    autograph=False,
)
def read_one(content: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """Returns a picture as float32 (size, size, 3); an error for other files.

    Args:
      content: String scalar, the file.
      size: int32 scalar, height and width in pixels.
    """
    matches = [
        binary.slice_bytes(content, 0, len(kind.MAGIC)) == kind.MAGIC
        for kind in FORMATS
    ]
    reason = "is not a JPEG, PNG, GIF, BMP or WebP file"
    matches = binary.require(tf.reduce_any(matches), matches, reason)
    pixels = tf.switch_case(
        tf.cast(tf.where(matches)[0, 0], tf.int32),
        [
            functools.partial(kind.decode, content, size, LIMITS)
            for kind in FORMATS
        ],
    )
    return tf.clip_by_value(pixels, 0, 255)
