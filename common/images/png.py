"""PNG files.

A file is a signature of 8 bytes and a sequence of chunks; big-endian. The first
chunk is IHDR, the last one IEND.

    chunk                         file
    offset  size                  offset  size
    0       4     length of data  0       8     signature
    4       4     type            8       4     length of IHDR
    8             data            12      4     "IHDR"
            4     checksum        16      4     width
                                  20      4     height
                                  24      1     bits per channel

Reference: W3C, Portable Network Graphics, 5.2 (signature), 5.3 (chunks),
11.2.1 (IHDR), 11.3.3 (texts), 11.3.4.3 (eXIf).
"""

import tensorflow as tf

from common.images import binary
from common.images import exif

MAGIC = b"\x89PNG\r\n\x1a\n"
FIRST_CHUNK = 8
# Offsets in a chunk, and its size without data.
TYPE, DATA, CHUNK_SIZE = 4, 8, 12
# Offsets in the file.
WIDTH, BIT_DEPTH = 16, 24


def decode(
    content: tf.Tensor, size: tf.Tensor, limits: binary.Limits
) -> tf.Tensor:
    """Returns a PNG on a white ground, as float32 (size, size, 3), upright."""

    def next_chunk(offset, texts, exif_chunk):
        (length,) = binary.integers(content, offset, tf.int32, 1, False)
        kind = binary.slice_bytes(content, offset + TYPE, 4)
        texts += tf.cast((kind == b"zTXt") | (kind == b"iTXt"), tf.int32)
        is_first = (kind == b"eXIf") & (exif_chunk == 0)
        exif_chunk = tf.where(is_first, offset, exif_chunk)
        offset += CHUNK_SIZE + tf.clip_by_value(length, 0, 2**30)
        return kind != b"IEND", offset, texts, exif_chunk

    _, texts, exif_chunk = binary.walk(
        limits.parts, next_chunk, FIRST_CHUNK, 0, 0
    )
    width, height = binary.integers(content, WIDTH, tf.int32, 2, False)
    (bit_depth,) = binary.integers(content, BIT_DEPTH, tf.uint8, 1)
    content = binary.require_size(content, height, width, limits.pixels)
    reason = "has too many compressed texts"
    content = binary.require(texts <= limits.texts, content, reason)
    pixels = _on_white(tf.io.decode_png(content, 4), bit_depth, size)
    return exif.upright(pixels, exif.orientation(_tiff(content, exif_chunk)))


def _tiff(content, chunk):
    """Returns the data of an Exif chunk; "" if it is at 0, for none."""
    size = tf.where(chunk > 0, exif.MAX_SIZE, 0)
    return binary.slice_bytes(content, chunk + DATA, size)


def _on_white(image, bit_depth, size):
    color, opacity = image[..., :3], image[..., 3:]
    # Without transparency, the op sets the opacity to the largest number of
    # `bit_depth` bits, which may be fewer than 8.
    largest = tf.cast(2**bit_depth - 1, tf.uint8)
    is_opaque = tf.reduce_all(opacity == largest)
    opacity = tf.where(is_opaque, tf.constant(255, tf.uint8), opacity)
    return binary.on_white(color, opacity, size)
