"""The image blocks of a GIF file.

`common.images.gif` has the format. The walk ends at the trailer, or where the
file is cut off.
"""

from typing import Any
from typing import NamedTuple

import tensorflow as tf

from common.images import binary
from common.images import gif

IMAGE, EXTENSION, TRAILER = gif.IMAGE[0], gif.EXTENSION, gif.TRAILER[0]
FULL_SUB_BLOCK = 256  # Bytes; those of a picture are full but for the last.
JUMP = 64  # Full sub-blocks that are skipped at once.
MARGIN = 16  # Zeros after the file, so that there is always a block to read.


class Block(NamedTuple):
    """An image block; all are int32.

    Attributes:
      left: Of the frame, in pixels of the screen.
      top: Of the frame.
      width: Of the frame.
      height: Of the frame.
      flags: Of the block.
      control: Offset of its graphic control extension; 0 for none.
      palette: Offset of its palette, if the flags say that there is one.
      data: Offset of its data.
      end: Offset just past it.
    """

    left: Any
    top: Any
    width: Any
    height: Any
    flags: Any
    control: Any
    palette: Any
    data: Any
    end: Any


def read(content: tf.Tensor, limit: int) -> tf.Tensor:
    """Returns the complete image blocks, int32 (blocks, fields of Block).

    Args:
      content: The file.
      limit: Of the parts of the file.

    Raises:
      InvalidArgumentError: It has more parts.
    """
    size = tf.strings.length(content)
    codes = tf.io.decode_raw(tf.strings.join([content, bytes(MARGIN)]), "uint8")

    def next_block(more, offset, control, parts, count, blocks):
        head = tf.cast(codes[offset : offset + MARGIN], tf.int32)
        is_image, is_extension = head[0] == IMAGE, head[0] == EXTENSION
        palette = offset + gif.IMAGE_PALETTE
        flags = head[gif.IMAGE_FLAGS]
        data = palette + tf.where(flags > 127, 6 * 2 ** (flags % 8), 0)
        start = tf.where(is_image, data + 1, offset + gif.EXTENSION_DATA)
        end, parts = tf.cond(
            is_image | is_extension,
            lambda: _skip(codes, size, start, parts, limit),
            lambda: (offset + 1, parts),  # As Pillow skips unknown bytes.
        )
        place = tf.unstack(head[1:9:2] + 256 * head[2:9:2], 4)
        block = Block(*place, flags, control, palette, data, end)
        # The next block overwrites one that is not a complete image.
        blocks = blocks.write(count, tf.stack(block))
        count += tf.cast(is_image & (end <= size), tf.int32)
        is_control = is_extension & (head[1] == gif.GRAPHIC_CONTROL)
        control = tf.where(is_control, offset, tf.where(is_image, 0, control))
        more = (end < size) & (head[0] != TRAILER) & (parts < limit)
        return more, end, control, parts + 1, count, blocks

    blocks = tf.TensorArray(
        tf.int32, 0, True, element_shape=[len(Block._fields)]
    )
    (flags,) = binary.integers(content, gif.SCREEN_FLAGS, tf.uint8, 1)
    start = gif.SCREEN_PALETTE + tf.where(flags > 127, 6 * 2 ** (flags % 8), 0)
    _, _, _, parts, count, blocks = tf.while_loop(
        lambda more, *_: more,
        next_block,
        (start < size, start, 0, 0, 0, blocks),
    )
    count = binary.require(parts <= limit, count, "has too many parts")
    return blocks.stack()[:count]


def _skip(codes, size, offset, parts, limit):
    """Returns the offset just past sub-blocks, and the new number of parts.

    Args:
      codes: uint8, the bytes of the file and a margin.
      size: Of the file.
      offset: Of the first sub-block.
      parts: So far.
      limit: Of the parts.
    """

    def next_sub_block(more, offset, parts):
        # At the end of the file, there is a zero.
        lengths = codes[
            offset : offset + JUMP * FULL_SUB_BLOCK : FULL_SUB_BLOCK
        ]
        is_full = tf.concat([lengths == 255, [False]], 0)
        full = tf.argmin(tf.cast(is_full, tf.int32), output_type=tf.int32)
        offset += full * FULL_SUB_BLOCK
        length = tf.cast(codes[tf.minimum(offset, size)], tf.int32)
        more = (length > 0) & (parts < limit)
        return more, offset + 1 + length, parts + 1

    _, offset, parts = tf.while_loop(
        lambda more, *_: more, next_sub_block, (True, offset, parts)
    )
    return offset, parts
