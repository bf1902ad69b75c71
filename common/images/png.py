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
11.2.1 (IHDR), 11.3.3 (texts).
"""

import tensorflow as tf

from common.images import binary

MAGIC = b"\x89PNG\r\n\x1a\n"
FIRST_CHUNK = 8
# Offsets in a chunk, and its size without data.
TYPE, CHUNK_SIZE = 4, 12
# Offsets in the file.
WIDTH, BIT_DEPTH = 16, 24


def decode(
    content: tf.Tensor, size: tf.Tensor, limits: binary.Limits
) -> tf.Tensor:
    """Returns a PNG on a white ground, as float32 (size, size, 3)."""

    def next_chunk(offset, texts):
        (length,) = binary.integers(content, offset, tf.int32, 1, False)
        kind = binary.slice_bytes(content, offset + TYPE, 4)
        texts += tf.cast((kind == b"zTXt") | (kind == b"iTXt"), tf.int32)
        offset += CHUNK_SIZE + tf.clip_by_value(length, 0, 2**30)
        return kind != b"IEND", offset, texts

    _, texts = binary.walk(limits.parts, next_chunk, FIRST_CHUNK, 0)
    width, height = binary.integers(content, WIDTH, tf.int32, 2, False)
    (bit_depth,) = binary.integers(content, BIT_DEPTH, tf.uint8, 1)
    content = binary.require_size(content, height, width, limits.pixels)
    reason = "has too many compressed texts"
    content = binary.require(texts <= limits.texts, content, reason)
    return _on_white(tf.io.decode_png(content, 4), bit_depth, size)


def _on_white(image, bit_depth, size):
    color, opacity = image[..., :3], image[..., 3:]
    # Without transparency, the op sets the opacity to the largest number of
    # `bit_depth` bits, which may be fewer than 8.
    largest = tf.cast(2**bit_depth - 1, tf.uint8)
    is_opaque = tf.reduce_all(opacity == largest)
    opacity = tf.where(is_opaque, tf.constant(255, tf.uint8), opacity)
    opacity = tf.cast(opacity, tf.uint16)
    light = binary.resize(tf.cast(color, tf.uint16) * opacity, size) / 255
    return light + 255 - binary.resize(opacity, size)
