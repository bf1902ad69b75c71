"""JPEG files.

A file is a sequence of segments; big-endian.

    segment                   frame header (SOF)        scan header (SOS)
    offset  size              offset  size              offset  size
    0       1   0xFF          4       1   precision     4       1   components
    1       1   marker code   5       2   height                    in the scan
    2       2   length,       7       2   width
                from here     9       1   components

    Exif segment (APP1)
    offset  size
    4       6   "Exif", two zero bytes
    10          TIFF data

Segments with the codes 0x01 and 0xD0 to 0xD9 are the marker alone.

Reference: ITU-T T.81, B.1.1 (markers), B.2.2 (frame), B.2.3 (scan), table B.1
(codes); Exif 2.32, 4.5.4 (APP1).
"""

import functools

import tensorflow as tf

from common.images import binary
from common.images import exif

MAGIC = b"\xff\xd8\xff"
FIRST_SEGMENT = 2
# Marker codes.
BASELINE, EXTENDED = 0xC0, 0xC1
LAST_FRAME = 0xCF
STANDALONE, FIRST_RESTART, END_OF_IMAGE = 0x01, 0xD0, 0xD9
START_OF_SCAN = 0xDA
APP1 = 0xE1
# Offsets in a segment.
CODE, LENGTH = 1, 2
FRAME_HEIGHT, FRAME_COMPONENTS = 5, 9
SCAN_COMPONENTS = 4
EXIF_NAME, TIFF = 4, 10


def decode(
    content: tf.Tensor, size: tf.Tensor, limits: binary.Limits
) -> tf.Tensor:
    """Returns a JPEG as float32 (size, size, 3), upright."""
    next_segment = functools.partial(_next_segment, content)
    scan, frame, exif_segment = binary.walk(
        limits.parts, next_segment, FIRST_SEGMENT, 0, 0
    )
    content = _require_limits(content, frame, scan, limits)
    image = binary.resize(_decode_scaled(content, frame, size), size)
    orientation = tf.cond(
        exif_segment > 0,
        lambda: exif.orientation(_tiff(content, exif_segment)),
        lambda: 1,
    )
    return exif.upright(image, orientation)


def _next_segment(content, offset, frame, exif_segment):
    """Steps to the next segment, up to the first scan.

    Args:
      content: The file.
      offset: Of this segment.
      frame: Offset of the last frame header; 0 for none.
      exif_segment: Offset of the first Exif segment; 0 for none.
    """
    prefix, code, high, low = binary.integers(content, offset, tf.uint8, 4)
    # Bytes that are not a marker are skipped, as libjpeg does.
    is_marker = (prefix == 0xFF) & (code != 0) & (code != 0xFF)
    is_standalone = (code == STANDALONE) | (
        (code >= FIRST_RESTART) & (code <= END_OF_IMAGE)
    )
    length = tf.where(is_standalone, 2, 2 + 256 * high + low)
    # 0xC4, 0xC8 and 0xCC are not frames.
    is_frame = (code == BASELINE) | (
        (code > BASELINE) & (code <= LAST_FRAME) & (code % 4 != 0)
    )
    frame = tf.where(is_marker & is_frame, offset, frame)
    name = binary.slice_bytes(content, offset + EXIF_NAME, 6)
    is_exif = (code == APP1) & (name == b"Exif\0\0")
    is_first = is_marker & is_exif & (exif_segment == 0)
    exif_segment = tf.where(is_first, offset, exif_segment)
    more = ~is_marker | (code != START_OF_SCAN)
    offset += tf.where(more, tf.where(is_marker, length, 1), 0)
    return more, offset, frame, exif_segment


def _require_limits(content, frame, scan, limits):
    (code,) = binary.integers(content, frame + CODE, tf.uint8, 1)
    height, width = _sides(content, frame)
    (components,) = binary.integers(
        content, frame + FRAME_COMPONENTS, tf.uint8, 1
    )
    (in_scan,) = binary.integers(content, scan + SCAN_COMPONENTS, tf.uint8, 1)
    # Such a file is scaled row by row. All others have several scans, and are
    # held in full size until the last one is decoded.
    is_sequential = (code == BASELINE) | (code == EXTENDED)
    has_one_scan = is_sequential & (in_scan == components)
    limit = tf.where(has_one_scan, limits.scaled_pixels, limits.pixels)
    content = binary.require_size(content, height, width, limit)
    within_limit = tf.cond(
        has_one_scan,
        lambda: True,
        lambda: _count_scans(content) <= limits.scans,
    )
    return binary.require(within_limit, content, "has too many scans")


def _sides(content, frame):
    """Returns height and width."""
    return binary.integers(content, frame + FRAME_HEIGHT, tf.uint16, 2, False)


def _count_scans(content):
    codes = tf.io.decode_raw(content, tf.uint8)
    starts = (codes[:-1] == 0xFF) & (codes[1:] == START_OF_SCAN)
    return tf.math.count_nonzero(starts, dtype=tf.int32)


def _decode_scaled(content, frame, size):
    """Decodes at 1/8 to 1/1 of the size, whichever is not too small."""
    side = tf.reduce_min(_sides(content, frame))
    halvings = [tf.cast(side >= size * ratio, tf.int32) for ratio in (2, 4, 8)]
    decode_rgb = functools.partial(
        tf.io.decode_jpeg, content, 3, dct_method="INTEGER_ACCURATE"
    )
    return tf.switch_case(
        tf.add_n(halvings),
        [functools.partial(decode_rgb, ratio=ratio) for ratio in (1, 2, 4, 8)],
    )


def _tiff(content, segment):
    (length,) = binary.integers(content, segment + LENGTH, tf.uint16, 1, False)
    size = tf.maximum(length - (TIFF - LENGTH), 0)
    return binary.slice_bytes(content, segment + TIFF, size)
