"""Clips as files to look at: animated GIFs, and strips of pictures."""

import io
import math
import pathlib
import struct
from collections.abc import Sequence

import numpy as np
from PIL import Image
from PIL import ImageDraw
from PIL import ImageFont

from common import files

REPEAT = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
SHORTEST, LONGEST = 2, 65_535  # Delays in 1/100 s.
SCREEN_SIZE, PLACE_SIZE = 13, 9  # Bytes before a palette.
COLUMNS = 20
FRAME_SIDE = 64  # Pixels that small frames are enlarged to, about.
GAP, FONT_SIZE = 4, 16  # Pixels.


def write_gif(
    path: pathlib.Path, frames: np.ndarray, seconds_per_frame: float
) -> None:
    """Writes a GIF that repeats; colors are exact up to 256 in a frame.

    Args:
      path: Of the file.
      frames: uint8 (time, height, width, 3).
      seconds_per_frame: At least 0.02.

    Raises:
      UserError: `path` cannot be written.
    """
    delay = round(100 * seconds_per_frame)
    delay = min(max(delay, SHORTEST), LONGEST)
    control = struct.pack("<4BHBB", 0x21, 0xF9, 4, 0, delay, 0, 0)
    height, width = frames.shape[1:3]
    parts = [b"GIF89a", struct.pack("<HHBBB", width, height, 0, 0, 0), REPEAT]
    for frame in frames:
        parts += [control, _image_block(frame)]
    files.write_bytes(path, b"".join(parts) + b"\x3b")


def _image_block(frame):
    """Returns the block of a frame with its own palette.

    Pillow would merge equal frames of an animation: it writes single frames.
    """
    file = io.BytesIO()
    _with_palette(frame).save(file, "GIF", interlace=0, optimize=False)
    content = file.getvalue()
    size_bits = content[10] & 7
    start = SCREEN_SIZE + 6 * 2**size_bits
    palette = content[SCREEN_SIZE:start]
    place = content[start : start + PLACE_SIZE]
    pixels = content[start + PLACE_SIZE + 1 : -1]
    return place + bytes([0x80 | size_bits]) + palette + pixels


def _with_palette(frame):
    """Returns a picture with at most 256 colors."""
    codes = frame.astype(np.uint32) @ np.array([2**16, 2**8, 1], np.uint32)
    colors, indices = np.unique(codes, return_inverse=True)
    if len(colors) > 256:
        return Image.fromarray(frame).quantize(256)
    picture = Image.fromarray(indices.reshape(codes.shape).astype(np.uint8))
    palette = np.stack([colors >> 16, colors >> 8 & 255, colors & 255], -1)
    picture.putpalette(palette.astype(np.uint8).tobytes())
    return picture


def write_strip(
    path: pathlib.Path, rows: Sequence[tuple[str, np.ndarray]]
) -> None:
    """Writes a PNG with a row of frames for each clip, such as its forecasts.

    Of longer clips, every second, third, … frame is drawn. Small frames are
    enlarged by a whole factor.

    Args:
      path: Of the file.
      rows: Labels, and frames as uint8 (time, height, width, 3). All frames
        have the same size; the clips may differ in length.

    Raises:
      UserError: `path` cannot be written.
    """
    step = math.ceil(max(len(frames) for _, frames in rows) / COLUMNS)
    rows = [(label, frames[::step]) for label, frames in rows]
    count = max(len(frames) for _, frames in rows)
    height, width = rows[0][1].shape[1:3]
    scale = max(round(FRAME_SIDE / max(height, width)), 1)
    height, width = scale * height, scale * width
    font = ImageFont.load_default(FONT_SIZE)
    margin = math.ceil(max(font.getlength(label) for label, _ in rows))
    margin += 3 * GAP
    row_height = max(height, FONT_SIZE) + GAP
    sheet = Image.new(
        "RGB",
        (margin + count * (width + GAP), GAP + len(rows) * row_height),
        "white",
    )
    draw = ImageDraw.Draw(sheet)
    for row, (label, frames) in enumerate(rows):
        top = GAP + row * row_height
        middle = GAP, top + height / 2
        draw.text(middle, label, "black", font, anchor="lm")
        for column, frame in enumerate(frames):
            frame = frame.repeat(scale, 0).repeat(scale, 1)
            place = margin + column * (width + GAP), top
            sheet.paste(Image.fromarray(frame), place)
    file = io.BytesIO()
    sheet.save(file, "PNG")
    files.write_bytes(path, file.getvalue())
