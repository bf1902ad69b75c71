r"""NumPy files: uint8 arrays of gray or RGB frames.

Little-endian.

    offset  size
    0       6      "\x93NUMPY"
    6       1      version: 1, 2 or 3
    7       1      0
    8       2      length of the header; 4 bytes in versions 2 and 3
    10             header: a Python dict with the keys 'descr', 'fortran_order'
                   and 'shape'
                   the array

Reference: NumPy Enhancement Proposal 1; numpy.lib.format.
"""

import tensorflow as tf

from common.images import binary
from common.video import frames

MAGIC = b"\x93NUMPY"
VERSION, LENGTH = 6, 8
MAX_HEADER = 2**16
UINT8 = r"(?s).*'descr': *'[|<>=]?u1'.*"
C_ORDER = r"(?s).*'fortran_order': *False.*"
SHAPE = r"(?s).*'shape': *\(([0-9, ]*)\).*"
PICTURE_SHAPE = r" *[0-9]{1,9}, *[0-9]{1,9}, *3 *,? *"
FRAMES_SHAPE = r" *[0-9]{1,9}(, *[0-9]{1,9}){2}(, *3)? *,? *"


def decode(
    content: tf.Tensor, size: tf.Tensor, limits: binary.Limits
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the frames as float32 (time, size, size, 3), and their number."""
    (version,) = binary.integers(content, VERSION, tf.uint8, 1)
    is_known = (version >= 1) & (version <= 3)
    reason = "is a NumPy file of an unknown version"
    content = binary.require(is_known, content, reason)
    low, high = binary.integers(content, LENGTH, tf.uint16, 2)
    is_short = version == 1
    length = tf.where(is_short, low, low + 2**16 * tf.minimum(high, 1))
    reason = "is a NumPy file with a long header"
    content = binary.require(length <= MAX_HEADER, content, reason)
    start = LENGTH + tf.where(is_short, 2, 4)
    shape = _shape(content, binary.slice_bytes(content, start, length))
    count, height, width, _ = shape = tf.unstack(shape, 4)
    content = binary.require_size(content, height, width, limits.pixels)
    content = frames.require(content, count, height, width, size)
    pixels = binary.slice_bytes(content, start + length, tf.reduce_prod(shape))
    # Data that are cut short do not fit.
    pixels = tf.reshape(tf.io.decode_raw(pixels, tf.uint8), shape)
    pixels = frames.resize(pixels, size)
    return tf.broadcast_to(pixels, [count, size, size, 3]), count


def _shape(content, header):
    """Returns time, height, width and channels, int32 (4,)."""
    is_uint8 = tf.strings.regex_full_match(header, UINT8)
    reason = "is a NumPy file, but not of the type uint8"
    content = binary.require(is_uint8, content, reason)
    in_c_order = tf.strings.regex_full_match(header, C_ORDER)
    reason = "is a NumPy file, but is in Fortran order"
    header = binary.require(in_c_order, header, reason)
    shape = tf.strings.regex_replace(header, SHAPE, r"\1")
    is_picture = tf.strings.regex_full_match(shape, PICTURE_SHAPE)
    reason = tf.strings.join(
        [
            "is a NumPy file of the shape (",
            tf.strings.substr(shape, 0, 99),
            "), which is one RGB picture: add a first axis for time",
        ]
    )
    shape = binary.require(~is_picture, shape, reason)
    reason = tf.strings.join(
        [
            "is a NumPy file, but has the shape (",
            tf.strings.substr(shape, 0, 99),
            "), not (time, height, width) or (time, height, width, 3)",
        ]
    )
    is_clip = tf.strings.regex_full_match(shape, FRAMES_SHAPE)
    shape = binary.require(is_clip, shape, reason)
    shape = tf.strings.regex_replace(shape, "[ ,]+$", "")
    numbers = tf.strings.to_number(tf.strings.split(shape, ","), tf.int32)
    return tf.concat([numbers, [1]], 0)[:4]
