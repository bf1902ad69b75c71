"""Images from the bytes of JPEG, PNG, GIF and BMP files, inside of the graph.

Stock ops decode them, so that a SavedModel takes files as they are. There are
limits, since a file of a few bytes may hold any number of pixels. An image that
cannot be read is an error in the graph; the data set of `read` passes over it.
"""

import functools
import re

import tensorflow as tf

from common.images import formats

LIMITS = formats.Limits(
    pixels=2**25,  # In an image; decoding takes up to 20 bytes for each.
    scaled_pixels=2**28,  # In a JPEG that is scaled down while it is decoded.
    parts=2**16,  # In a file; each takes about 20 µs.
    scans=100,  # In a JPEG; each may go over all pixels.
    texts=16,  # Compressed ones, in a PNG; each may take 8 MB.
)


@tf.function(reduce_retracing=True)
def read(image_bytes: tf.Tensor, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns images of one size, and whether they could be read.

    The whole picture is resized; its aspect ratio is not kept. Transparency is
    laid on white. Of an animation, the first frame is read. An image that
    cannot be read gives zeros; `check` says why.

    Args:
      image_bytes: string tensor (batch,), contents of files.
      size: int; height and width in pixels.

    Returns:
      float32 (batch, size, size, 3), RGB from 0 to 255, and bool (batch,).
    """
    count = tf.shape(image_bytes, tf.int64)[0]
    images = tf.data.Dataset.from_tensor_slices((tf.range(count), image_bytes))
    images = images.map(
        lambda place, content: (place, _decode(content, size)),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    # So that there is an element even if none can be read.
    last = tf.data.Dataset.from_tensors((count, tf.zeros([size, size, 3])))
    images = images.ignore_errors().concatenate(last).batch(count + 1)
    places, pixels = images.get_single_element()
    places = places[:-1, None]
    pixels = tf.scatter_nd(places, pixels[:-1], [count, size, size, 3])
    readable = tf.scatter_nd(places, places[:, 0] >= 0, [count])
    return tf.ensure_shape(pixels, [None, size, size, 3]), readable


def check(content: bytes) -> None:
    """Raises ValueError, saying why, where `read` cannot read an image."""
    try:
        _decode(tf.constant(content), 1)
    except tf.errors.InvalidArgumentError as error:
        reason = re.search(r"assertion failed: \[(.+?)\]", error.message)
        reason = reason[1] if reason else "is cut short or damaged"
        reason = re.sub(r"\d+", lambda number: f"{int(number[0]):,}", reason)
        raise ValueError(reason) from error


@tf.function(reduce_retracing=True)
def _decode(content, size):  # () -> (size, size, 3)
    decoders = {
        b"\xff\xd8\xff": formats.jpeg,
        b"\x89PNG\r\n\x1a\n": formats.png,
        b"GIF8": formats.gif,
        b"BM": formats.bmp,
    }
    found = [formats.part(content, 0, len(m)) == m for m in decoders]
    reason = "is no JPEG, PNG, GIF or BMP"
    found = formats.provided(tf.reduce_any(found), found, reason)
    pixels = tf.switch_case(
        tf.cast(tf.where(found)[0, 0], tf.int32),
        [
            functools.partial(way, content, size, LIMITS)
            for way in decoders.values()
        ],
    )
    return tf.clip_by_value(pixels, 0, 255)
