"""WebP files.

A file is a header of 12 bytes and a sequence of chunks; little-endian.

    header                        chunk
    offset  size                  offset  size
    0       4   "RIFF"            0       4   type
    4       4   size              4       4   length of data
    8       4   "WEBP"            8           data, filled up to an even length

The first chunk, at offset 12, is "VP8 " (lossy), "VP8L" (lossless) or "VP8X"
(with further chunks, such as "EXIF"). Offsets in the file of its parts:

    VP8                VP8L                    VP8X
    26  2   width      21  4   14 bits each:   20  1   flags; bit 1: animated
    28  2   height             width - 1,      24  3   width - 1
                               height - 1      27  3   height - 1

Reference: Google, WebP Container Specification; RFC 6386, section 9.1; WebP
Lossless Bitstream Specification, section 3.
"""

import tensorflow as tf

from common.images import binary
from common.images import exif

MAGIC = b"RIFF"
NAME, FIRST_CHUNK = 8, 12
LENGTH, DATA = 4, 8  # Offsets in a chunk.
FIRST_DATA, HEADER_SIZE = 20, 10
EXIF_NAME = b"Exif\0\0"  # Precedes the data in files of some writers.


def decode(
    content: tf.Tensor, size: tf.Tensor, limits: binary.Limits
) -> tf.Tensor:
    """Returns a WebP on a white ground, as float32 (size, size, 3), upright."""
    kind = binary.slice_bytes(content, FIRST_CHUNK, 4)
    is_webp = binary.slice_bytes(content, NAME, 4) == b"WEBP"
    is_webp &= tf.reduce_any(kind == [b"VP8 ", b"VP8L", b"VP8X"])
    content = binary.require(is_webp, content, "is a RIFF file, but not a WebP")
    header = binary.slice_bytes(content, FIRST_DATA, HEADER_SIZE)
    header = tf.io.decode_raw(header, tf.uint8, fixed_length=HEADER_SIZE)
    header = tf.unstack(tf.cast(header, tf.int32))
    # The op writes behind the end of its memory for some animations.
    is_still = (kind != b"VP8X") | (header[0] & 2 == 0)
    content = binary.require(is_still, content, "is an animated WebP")
    height, width = _sides(kind, header)
    content = binary.require_size(content, height, width, limits.pixels)
    image = tf.io.decode_webp(content)[0]
    # Without transparency, there is no fourth channel.
    opaque = tf.fill(tf.shape(image[..., :1]), tf.constant(255, tf.uint8))
    opacity = tf.concat([image, opaque], -1)[..., 3:4]
    pixels = binary.on_white(image[..., :3], opacity, size)
    return exif.upright(pixels, exif.orientation(_tiff(content, limits.parts)))


def _sides(kind, header):
    """Returns height and width."""
    extended = [
        1 + sum(256**i * header[place + i] for i in range(3))
        for place in (7, 4)
    ]
    bits = sum(256**i * header[1 + i] for i in range(3))
    top_bits = header[4] & 15
    lossless = [1 + (bits // 2**14 + 2**10 * top_bits), 1 + bits % 2**14]
    lossy = [
        (header[place] + 256 * header[place + 1]) % 2**14 for place in (8, 6)
    ]
    sides = tf.where(kind == b"VP8X", extended, lossless)
    return tf.unstack(tf.where(kind == b"VP8 ", lossy, sides))


def _tiff(content, limit):
    """Returns the data of the first EXIF chunk; "" if there is none."""
    end = tf.strings.length(content) - DATA

    def next_chunk(offset):
        (length,) = binary.integers(content, offset + LENGTH, tf.int32, 1)
        is_exif = binary.slice_bytes(content, offset, 4) == b"EXIF"
        length = tf.clip_by_value(length, 0, 2**30)
        behind = offset + DATA + length + length % 2
        more = ~is_exif & (behind <= end)
        return more, tf.where(is_exif, offset, behind)

    (offset,) = binary.walk(limit, next_chunk, FIRST_CHUNK)
    data = binary.slice_bytes(content, offset + DATA, exif.MAX_SIZE)
    is_exif = binary.slice_bytes(content, offset, 4) == b"EXIF"
    has_name = binary.slice_bytes(data, 0, len(EXIF_NAME)) == EXIF_NAME
    start = tf.where(has_name, len(EXIF_NAME), 0)
    return tf.where(
        is_exif, binary.slice_bytes(data, start, exif.MAX_SIZE), b""
    )
