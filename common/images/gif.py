"""GIF files: the first frame.

A file is a header, an optional palette, and a sequence of blocks;
little-endian. Data are in sub-blocks: a byte with the length n, then n bytes; a
length of zero ends them.

    header                      image block
    offset  size                offset  size
    0       6   "GIF89a"        0       1   0x2C
    6       2   width           1       2   left
    8       2   height          3       2   top
    10      1   flags           5       2   width
    11      1   background      7       2   height
    12      1   aspect ratio    9       1   flags
    13          palette         10          palette
                                        1   LZW code size
                                            sub-blocks

    extension block             flags
    offset  size                bit 7       a palette follows
    0       1   0x21            bits 0-2    n: it has 2 ** (n + 1) colors
    1       1   label
    2           sub-blocks

Reference: CompuServe, Graphics Interchange Format 89a, sections 15
(sub-blocks), 18 (screen), 20 (image), 22 (image data), 23 (graphic control),
27 (trailer).
"""

import functools

import tensorflow as tf

from common.images import binary

MAGIC = b"GIF8"
SCREEN_FLAGS, SCREEN_PALETTE = 10, 13
# The first byte of a block, and the label of an extension.
IMAGE, EXTENSION, TRAILER = b"\x2c", 0x21, b"\x3b"
GRAPHIC_CONTROL, GRAPHIC_CONTROL_SIZE = 0xF9, 8
EXTENSION_DATA = 2
# Offsets in an image block.
SIDES, IMAGE_FLAGS, IMAGE_PALETTE = 5, 9, 10
ORIGIN = b"\0\0\0\0"  # Left and top.
WHITE_PALETTE = b"\x87" + b"\xff" * 3 * 256  # With its flags.


def decode(
    content: tf.Tensor, size: tf.Tensor, limits: binary.Limits
) -> tf.Tensor:
    """Returns the first frame on a white ground, as float32 (size, size, 3).

    The op would decode all frames, show the transparent pixels of the first
    one in black, and ignore errors. So it gets a file in which the first frame
    comes twice: all in white, then over it as it is. After an error, there is
    no second frame.
    """
    skip = functools.partial(_skip_sub_blocks, limits.parts, content)

    def next_block(offset, control, count):
        kind, label = binary.integers(content, offset, tf.uint8, 2)
        is_extension = kind == EXTENSION
        is_control = is_extension & (label == GRAPHIC_CONTROL)
        control = tf.where(is_control, offset, control)
        offset, count = tf.cond(
            is_extension,
            lambda: skip(offset + EXTENSION_DATA, count),
            lambda: [offset, count],
        )
        return is_extension, offset, control, count

    blocks = _skip_palette(content, SCREEN_FLAGS, SCREEN_PALETTE)
    frame, control, count = binary.walk(limits.parts, next_block, blocks, 0, 0)
    width, height = binary.integers(content, frame + SIDES, tf.uint16, 2)
    content = binary.require_size(content, height, width, limits.pixels)
    data = _skip_palette(content, frame + IMAGE_FLAGS, frame + IMAGE_PALETTE)
    end, _ = skip(data + 1, count)
    control_size = tf.where(control > 0, GRAPHIC_CONTROL_SIZE, 0)
    placed = ORIGIN + binary.slice_bytes(content, frame + SIDES, 4)
    flags = frame + IMAGE_FLAGS
    parts = [
        binary.slice_bytes(content, 0, blocks),
        IMAGE + placed + WHITE_PALETTE,
        binary.slice_bytes(content, data, end - data),
        binary.slice_bytes(content, control, control_size),
        binary.slice_bytes(content, frame, 1) + placed,
        binary.slice_bytes(content, flags, end - flags) + TRAILER,
    ]
    frames = tf.io.decode_gif(tf.strings.join(parts))
    return binary.resize(frames[1], size)


def _skip_palette(content, flags_offset, palette):
    """Returns the offset behind a palette.

    Args:
      content: The file.
      flags_offset: Where the flags are.
      palette: Where the palette begins, if there is one.
    """
    (flags,) = binary.integers(content, flags_offset, tf.uint8, 1)
    return palette + tf.where(flags > 127, 6 * 2 ** (flags % 8), 0)


def _skip_sub_blocks(limit, content, offset, count):
    """Returns the offset behind sub-blocks, and the new count of all of them.

    Args:
      limit: Of the sub-blocks of the file.
      content: The file.
      offset: Of the first sub-block.
      count: Of the sub-blocks so far.
    """

    def next_block(offset, count):
        (length,) = binary.integers(content, offset, tf.uint8, 1)
        return length > 0, offset + 1 + length, count + 1

    return binary.walk(limit - count, next_block, offset, count)
