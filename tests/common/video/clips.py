"""Test clips in all formats, and their frames."""

import functools
import io
import struct
from typing import NamedTuple

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from common.errors import UserError
from common.video import decode
from common.video import files
from common.video import packing

SIDE = 256  # Larger sides of frames are scaled down to it.
npy = packing.npy_file


class Frame(NamedTuple):
    """A frame of a GIF: color indices (height, width), and its place."""

    indices: np.ndarray
    left: int = 0
    top: int = 0
    palette: bytes = b""
    transparent: int | None = None
    disposal: int = 0
    delay: int = 10
    interlaced: bool = False


def gif(width, height, frames, palette=b"", background=0):
    """Returns a GIF, without compression."""
    flags = _palette_flags(palette)
    screen = struct.pack("<HHBBB", width, height, flags, background, 0)
    return b"GIF89a" + screen + palette + b"".join(map(image, frames)) + b"\x3b"


def image(frame):
    """Returns the blocks of a frame."""
    control = struct.pack(
        "<BBBBHBB",
        *(0x21, 0xF9, 4),
        frame.disposal << 2 | (frame.transparent is not None),
        frame.delay,
        frame.transparent or 0,
        0,
    )
    height, width = frame.indices.shape
    place = frame.left, frame.top, width, height
    flags = _palette_flags(frame.palette) | 64 * frame.interlaced
    head = struct.pack("<BHHHHB", 0x2C, *place, flags)
    rows = frame.indices
    if frame.interlaced:
        starts = (rows[0::8], rows[4::8], rows[2::4], rows[1::2])
        rows = np.concatenate(starts)
    return control + head + frame.palette + b"\x08" + lzw(rows.tobytes())


def _palette_flags(palette):
    if not palette:
        return 0
    return 0x80 | ((len(palette) // 3).bit_length() - 2)


def lzw(pixels):
    """Returns sub-blocks with LZW codes of 9 bits, one for each pixel."""
    codes = []
    for start in range(0, len(pixels), 254):  # No code gets longer.
        codes += [256, *pixels[start : start + 254]]
    bits = np.array([*codes, 257])[:, None] >> np.arange(9) & 1
    content = np.packbits(bits.astype(bool), bitorder="little").tobytes()
    blocks = [content[i : i + 255] for i in range(0, len(content), 255)]
    return b"".join(bytes([len(b)]) + b for b in blocks) + b"\0"


def png(frame):
    """Returns a PNG file."""
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "PNG")
    return file.getvalue()


class Repeater:
    """Forecasts that the last frame stays."""

    def __init__(self, size, horizon):
        self._size, self._horizon = size, horizon

    def serve(self, video):
        clips = decode.read(video, self._size)
        last = tf.gather(clips.frames, clips.counts - 1, batch_dims=1)
        frames = tf.repeat(last[:, None], self._horizon, 1)
        return {"frames": tf.cast(frames, tf.uint8)}


def moving(count=20):
    """Returns frames in which a rectangle moves; so do the public cases."""
    frames = np.zeros((count, 64, 64, 3), np.uint8)
    for t, frame in enumerate(frames):
        frame[20:40, 2 * t : 2 * t + 20] = 255, 40 * (t % 6), 30
    return frames


def array(video):
    """Returns the frames of a NumPy file."""
    return np.load(io.BytesIO(video.content))


def problem(path):
    """Returns the line for a clip that cannot be read, by whatever part."""
    try:
        video = files.read(path, SIDE)
        decode.check(video.content)
    except UserError as error:
        line = str(error)
    except ValueError as error:
        line = f"{path} {error}."
    else:
        raise AssertionError(f"{path} is readable")
    assert "\n" not in line
    assert str(path) in line
    return line


def by_pillow(content):
    """Returns the frames that Pillow renders, on white."""
    frames = []
    with Image.open(io.BytesIO(content)) as image:
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            ground = Image.new("RGBA", image.size, "white")
            ground.alpha_composite(image.convert("RGBA"))
            frames.append(np.asarray(ground)[..., :3])
    return np.stack(frames)


@functools.cache
def _reader(size):
    return tf.function(
        lambda videos: decode.read(videos, size),
        input_signature=[tf.TensorSpec([None], tf.string)],
        autograph=False,
    )


def read(*contents, size=16):
    """Returns the clips of files.

    Each size compiles a graph: most tests read the same one.
    """
    result = _reader(size)(tf.constant(contents, tf.string))
    return decode.Clips(*(part.numpy() for part in result))


def read_one(content, size=16):
    """Returns the frames of a readable file."""
    clips = read(content, size=size)
    assert clips.counts[0] > 0
    return clips.frames[0]


def reason(content):
    """Returns why a file is not readable."""
    assert read(content).counts[0] == 0
    with pytest.raises(ValueError) as error:
        decode.check(content)
    assert error.type is ValueError
    return str(error.value)
