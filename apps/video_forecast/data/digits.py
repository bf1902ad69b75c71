"""Handwritten digits, and clips of two that move."""

import functools
import pathlib

import numpy as np

from apps.video_forecast.data import motion
from common.data import archives
from common.errors import UserError

SIDE, DIGIT_SIDE = 64, 28  # Pixels.
DIGITS = 2
STEP = 0.1  # Per frame, as a share of the free distance.
HEADER = 16  # Bytes of a file before its pixels.


@functools.lru_cache(2)
def read(path: pathlib.Path) -> np.ndarray:
    """Returns the pictures of an IDX file, uint8 (digits, rows, columns).

    Args:
      path: The file; it may be compressed by gzip.

    Raises:
      UserError: It cannot be read, or is no such file.
    """
    content = archives.read_file(path)
    count = int.from_bytes(content[4:8], "big")
    expected = b"\0\0\x08\x03" + content[4:8] + 2 * b"\0\0\0\x1c"
    size = HEADER + count * DIGIT_SIDE**2
    if content[:HEADER] != expected or len(content) != size:
        raise UserError(
            f"{path} is not an IDX file of {DIGIT_SIDE} x {DIGIT_SIDE} "
            "pictures: download MNIST again."
        )
    pixels = np.frombuffer(content, np.uint8, offset=HEADER)
    return pixels.reshape(count, DIGIT_SIDE, DIGIT_SIDE)


def clip(
    digits: np.ndarray, rng: np.random.Generator, frames: int
) -> np.ndarray:
    """Returns a clip of two moving digits, uint8 (frames, rows, columns).

    Args:
      digits: uint8 (digits, rows, columns), of which two are chosen.
      rng: Source of digits, starts and directions.
      frames: Number of frames.
    """
    chosen = digits[rng.integers(0, len(digits), DIGITS)]
    path = motion.positions(rng, DIGITS, frames, STEP)
    drawn = np.zeros((frames, SIDE, SIDE), np.uint8)
    for number, digit in enumerate(chosen):
        motion.paste(drawn, digit, path[:, number])
    return drawn
