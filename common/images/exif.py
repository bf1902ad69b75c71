"""The orientation of a photograph, from its Exif data.

Exif data are a TIFF file: a header, and directories of entries.

    header                       directory
    offset  size                 offset     size
    0       2     "II" or "MM"   0          2     number of entries
    2       2     42             2 + 12 i   12    entry i
    4       4     first
                  directory

    entry
    offset  size
    0       2     tag: 0x0112 is the orientation
    2       2     type
    4       4     count
    8       4     value; the orientation is in the first two bytes

"II" is little-endian, "MM" is big-endian.

Reference: TIFF 6.0, section 2; Exif 2.32, section 4.6.4.
"""

import tensorflow as tf

from common.images import binary

LITTLE_ENDIAN, BIG_ENDIAN = b"II*\0", b"MM\0*"
DIRECTORY = 4  # Offsets in the header.
ENTRIES = 2  # In a directory.
VALUE, ENTRY_SIZE = 8, 12  # In an entry.
ORIENTATION = 0x0112
MAX_SIZE = 2**16  # Bytes; a JPEG segment has fewer.


def orientation(tiff: tf.Tensor) -> tf.Tensor:
    """Returns the orientation, int32 1 to 8; 1 if the data are damaged."""
    order = binary.slice_bytes(tiff, 0, 4)
    big_endian = order == BIG_ENDIAN
    first = tf.cast(tf.io.decode_raw(tiff, tf.uint8, True, MAX_SIZE), tf.int32)
    second = tf.roll(first, -1, 0)
    # The 16-bit number that begins at each byte.
    numbers = tf.where(big_endian, 256 * first + second, first + 256 * second)
    # The offset of the directory has two 16-bit halves.
    high = numbers[tf.where(big_endian, DIRECTORY, DIRECTORY + 2)]
    directory = numbers[tf.where(big_endian, DIRECTORY + 2, DIRECTORY)]
    count = numbers[directory]
    entries = directory + ENTRIES + ENTRY_SIZE * tf.range(count)
    entries = tf.boolean_mask(entries, entries < MAX_SIZE - VALUE)
    matching = entries[tf.gather(numbers, entries) == ORIENTATION]
    # The first entry counts; without one, the picture is upright.
    value = tf.concat([tf.gather(numbers, matching + VALUE), [1]], 0)[0]
    valid = (big_endian | (order == LITTLE_ENDIAN)) & (high == 0)
    return tf.where(valid & (value >= 1) & (value <= 8), value, 1)


def upright(image: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Returns a square picture turned as its orientation demands."""
    # Transposed first, then with reversed rows and columns.
    order = tf.where(orientation > 4, [1, 0, 2], [0, 1, 2])
    flips = tf.stack([(orientation - 1) // 2, orientation // 2]) % 2
    return tf.reverse(tf.transpose(image, order), tf.where(flips == 1)[:, 0])
