"""BMP files without compression.

Little-endian; rows are padded to multiples of four bytes, and begin with the
lowest one if the height is positive.

    offset  size
    0       2     "BM"
    10      4     offset of the pixels
    14      4     size of the info header, at least 40
    18      4     width
    22      4     height; negative if the rows run downwards
    28      2     bits per pixel
    30      4     compression; 0 for none
    14 + size     palette of blue, green, red and an unused byte

Reference: Microsoft, Windows GDI, BITMAPFILEHEADER and BITMAPINFOHEADER.
"""

import tensorflow as tf

from common.images import binary

MAGIC = b"BM"
PIXELS_OFFSET, INFO_HEADER, BITS, COMPRESSION = 10, 14, 28, 30
INFO_HEADER_SIZE = 40


def decode(
    content: tf.Tensor, size: tf.Tensor, limits: binary.Limits
) -> tf.Tensor:
    """Returns a BMP as float32 (size, size, 3)."""
    pixels, header_size, width, height = binary.integers(
        content, PIXELS_OFFSET, tf.int32, 4
    )
    (bits,) = binary.integers(content, BITS, tf.uint16, 1)
    (compression,) = binary.integers(content, COMPRESSION, tf.int32, 1)
    is_supported = tf.reduce_any(bits == [1, 4, 8, 24, 32])
    is_supported &= (header_size >= INFO_HEADER_SIZE) & (header_size < pixels)
    is_supported &= compression == 0
    reason = "is a BMP of an unsupported kind"
    content = binary.require(is_supported, content, reason)
    is_bottom_up, height = height > 0, tf.abs(height)
    content = binary.require_size(content, height, width, limits.pixels)
    stride = (bits * width + 31) // 32 * 4  # Bytes of a row.
    rows = binary.slice_bytes(content, pixels, stride * height)
    rows = tf.reshape(tf.io.decode_raw(rows, tf.uint8), [height, stride])

    def true_color():
        values = tf.reshape(rows[:, : width * bits // 8], [height, width, -1])
        return values[..., 2::-1]

    def indexed():
        shifts = tf.range(8 - bits, -1, -bits)
        indices = tf.cast(rows, tf.int32)[..., None] // 2**shifts % 2**bits
        indices = tf.reshape(indices, [height, -1])[:, :width]
        palette = binary.slice_bytes(
            content, INFO_HEADER + header_size, 4 * 2**bits
        )
        palette = tf.reshape(tf.io.decode_raw(palette, tf.uint8), [-1, 4])
        return tf.gather(palette[:, 2::-1], indices)

    image = binary.resize(tf.cond(bits > 8, true_color, indexed), size)
    return tf.where(is_bottom_up, image[::-1], image)
