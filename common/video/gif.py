"""GIF files: all frames, as Pillow renders them.

`common.images.gif` has the format. A graphic control extension precedes the
image block it belongs to:

    offset  size
    3       1     flags
    4       2     delay in 1/100 s
    6       1     transparent index

    flags
    bits 2-4      disposal, what happens to the frame before the next one:
                  0 as before, 1 it stays, 2 its area is filled with the
                  background, 3 to 7 the canvas is restored
    bit 0         there is a transparent index

The op for GIF files ignores disposals, and shows transparent pixels of the
first frame in black. So it decodes each frame alone, with a palette that gives
its indices.

The canvas is the screen, or larger if the first frame is. Its ground is white
if the first frame has a transparent index, and the first color of this frame
otherwise. Two things differ from Pillow: parts of later frames outside of the
canvas are not shown (Pillow enlarges the canvas in the middle), and colors
after a gray first frame are right.

Reference: CompuServe, Graphics Interchange Format 89a, sections 18 (screen), 20
(image) and 23 (graphic control).
"""

import tensorflow as tf

from common.images import binary
from common.images import gif
from common.video import frames
from common.video import gif_blocks
from common.video import limits as video_limits

MAGIC = gif.MAGIC
SCREEN_SIDES, BACKGROUND = 6, 11
CONTROL_FLAGS, DELAY, TRANSPARENT = 3, 4, 6
FILL, RESTORE = 2, 3  # Disposals.
# A palette in which each color has its index as red, green and blue.
INDICES = bytes(i for i in range(256) for _ in range(3))


def decode(
    content: tf.Tensor, size: tf.Tensor, limits: binary.Limits
) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the frames as float32 (time, size, size, 3), and seconds."""
    blocks = gif_blocks.read(content, limits.parts)
    reason = "has no complete frame"
    blocks = binary.require(tf.shape(blocks)[0] > 0, blocks, reason)
    count = tf.shape(blocks)[0]
    first = _block(blocks[0])
    width, height = binary.integers(content, SCREEN_SIDES, tf.uint16, 2)
    width = tf.maximum(width, first.left + first.width)
    height = tf.maximum(height, first.top + first.height)
    widest = tf.reduce_max(blocks[:, 2])
    highest = tf.reduce_max(blocks[:, 3])
    for sides in [(height, width), (highest, widest)]:
        content = binary.require_size(content, *sides, limits.pixels)
        content = frames.require(content, count, *sides, size)
    palette, transparent, _, _ = _colors(content, first)
    is_transparent = transparent >= 0
    ground = tf.where(is_transparent, tf.zeros([4], tf.uint8), palette[0])
    canvas = tf.broadcast_to(ground, [height, width, 4])

    def next_frame(i, canvas, disposal, pixels, delays):
        block = _block(blocks[i])
        image, canvas, disposal, delay = _draw(
            content, block, canvas, disposal, is_transparent, i == 0
        )
        image = tf.where(image[..., 3:] > 0, image[..., :3], 255)
        pixels = pixels.write(i, frames.resize(image, size))
        return i + 1, canvas, disposal, pixels, delays.write(i, delay)

    _, _, _, pixels, delays = tf.while_loop(
        lambda i, *_: i < count,
        next_frame,
        (
            0,
            canvas,
            0,
            tf.TensorArray(tf.float32, count),
            tf.TensorArray(tf.int32, count),
        ),
    )
    delays = delays.stack()
    is_short = delays < video_limits.SHORTEST_DELAY
    delays = tf.where(is_short, video_limits.DEFAULT_DELAY, delays)
    pixels = tf.reshape(pixels.stack(), [count, size, size, 3])
    return pixels, tf.cast(delays, tf.float32) / 100


def _block(fields):
    return gif_blocks.Block(*tf.unstack(fields, len(gif_blocks.Block._fields)))


def _draw(content, block, canvas, disposal, is_transparent, is_first):
    """Returns the picture with a frame, the next canvas, disposal and delay.

    Args:
      content: The file.
      block: Of the frame.
      canvas: RGB and opacity, uint8 (height, width, 4).
      disposal: Of the frame before.
      is_transparent: Whether the first frame has a transparent index.
      is_first: Whether this is the first frame.
    """
    palette, transparent, colors, control = _colors(content, block)
    flags, delay = control
    own = flags // 4 % 8
    disposal = tf.minimum(tf.where(own > 0, own, disposal), RESTORE)
    frame = tf.gather(palette, _indices(content, block))
    frame = _place(frame, block, canvas)
    picture = tf.where(frame[..., 3:] > 0, frame, canvas)

    def filled():
        (background,) = binary.integers(content, BACKGROUND, tf.uint8, 1)
        (screen_flags,) = binary.integers(
            content, gif.SCREEN_FLAGS, tf.uint8, 1
        )
        background = tf.where(screen_flags > 127, background, 0)
        index = tf.where(transparent >= 0, transparent, background)
        color = palette[tf.where(is_first | (index < colors), index, 0)]
        is_clear = (transparent >= 0) & is_transparent
        opacity = tf.where(is_clear, tf.constant(0, tf.uint8), 255)
        color = tf.concat([color[:3], opacity[None]], 0)
        area = tf.ones([block.height, block.width, 1], tf.uint8)
        return tf.where(_place(area, block, canvas) > 0, color, picture)

    # Nothing precedes the first frame but its transparent ground.
    can_restore = ~is_first | is_transparent
    canvas = tf.case(
        [
            (disposal == FILL, filled),
            ((disposal == RESTORE) & can_restore, lambda: canvas),
        ],
        default=lambda: picture,
    )
    return picture, canvas, disposal, delay


def _colors(content, block):
    """Returns the palette, transparent index, number of colors, and control.

    The palette is uint8 (256, 4), RGB and opacity, gray if there is none; the
    index -1 if there is none; the control the flags and the delay.
    """
    (screen_flags,) = binary.integers(content, gif.SCREEN_FLAGS, tf.uint8, 1)
    is_local = block.flags > 127
    flags = tf.where(is_local, block.flags, screen_flags)
    colors = tf.where(flags > 127, 2 * 2 ** (flags % 8), 0)
    start = tf.where(is_local, block.palette, gif.SCREEN_PALETTE)
    palette = tf.strings.join(
        [
            binary.slice_bytes(content, start, 3 * colors),
            # As in Pillow: black beyond the palette, gray without one.
            binary.slice_bytes(
                tf.where(colors > 0, bytes(768), INDICES), 3 * colors, 768
            ),
        ]
    )
    palette = tf.reshape(tf.io.decode_raw(palette, tf.uint8), [256, 3])
    control = binary.slice_bytes(
        content, block.control, gif.GRAPHIC_CONTROL_SIZE
    )
    control = tf.cast(tf.io.decode_raw(control, tf.uint8), tf.int32)
    control *= tf.cast(block.control > 0, tf.int32)
    flags = control[CONTROL_FLAGS]
    delay = control[DELAY] + 256 * control[DELAY + 1]
    transparent = tf.where(flags % 2 > 0, control[TRANSPARENT], -1)
    opacity = tf.where(tf.range(256) == transparent, 0, 255)[:, None]
    palette = tf.concat([palette, tf.cast(opacity, tf.uint8)], 1)
    return (
        palette,
        transparent,
        tf.where(colors > 0, colors, 256),
        (flags, delay),
    )


def _indices(content, block):
    """Returns the color indices of a frame, int32 (height, width)."""
    sides = binary.slice_bytes(
        content, block.palette - gif.IMAGE_PALETTE + gif.SIDES, 4
    )
    is_interlaced = block.flags // 64 % 2 > 0
    parts = [
        b"GIF89a" + sides + b"\0\0\0",
        gif.IMAGE + gif.ORIGIN + sides,
        tf.where(is_interlaced, b"\xc7", b"\x87") + INDICES,
        binary.slice_bytes(content, block.data, block.end - block.data),
        gif.TRAILER,
    ]
    indices = tf.io.decode_gif(tf.strings.join(parts))
    return tf.cast(indices[0, ..., 0], tf.int32)


def _place(frame, block, canvas):
    """Returns a frame on a canvas of zeros."""
    height, width = tf.unstack(tf.shape(canvas)[:2], 2)
    left, top = tf.minimum(block.left, width), tf.minimum(block.top, height)
    frame = frame[: height - top, : width - left]
    rows, columns = tf.unstack(tf.shape(frame)[:2], 2)
    return tf.pad(
        frame,
        [[top, height - top - rows], [left, width - left - columns], [0, 0]],
    )
