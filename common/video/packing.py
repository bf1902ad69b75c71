"""Frames become a NumPy file, within limits."""

import io
import pathlib
from collections.abc import Iterable

import numpy as np
from PIL import Image

from common.errors import UserError
from common.video import limits

# What a too large clip needs.
SHORTEN = "cut it into shorter clips, for example with `ffmpeg -t 10`"


def pack(
    path: pathlib.Path, frames: Iterable[tuple[np.ndarray, float]], side: int
) -> tuple[bytes, list[float]]:
    """Returns a NumPy file, and the seconds of each frame.

    Args:
      path: Of the clip, for messages.
      frames: Pairs of uint8 (height, width, 3) and seconds.
      side: Height and width down to which larger frames are scaled.

    Raises:
      UserError: There are no frames or too many, or their sizes differ.
    """
    clip: list[np.ndarray] = []
    durations, size = [], 0
    for frame, seconds in frames:
        frame = _shrink(frame, side)
        if clip and frame.shape != clip[0].shape:
            raise UserError(
                f"{path}: frame {len(clip) + 1} has {_sides(frame)} pixels, the"
                f" first one {_sides(clip[0])}: make them equal."
            )
        size += frame.size
        # The decoder returns float32, and enlarges smaller frames.
        decoded = limits.frame_bytes(side) * (len(clip) + 1)
        too_large = max(size, decoded) > limits.MAX_BYTES
        if len(clip) >= limits.MAX_FRAMES or too_large:
            raise UserError(
                f"{path} has more than {len(clip):,} frames of {_sides(frame)} "
                f"pixels, the maximum: {SHORTEN}."
            )
        clip.append(frame)
        durations.append(seconds)
    if not clip:
        raise UserError(f"{path} has no frames: check that it plays.")
    return npy_file(np.stack(clip)), durations


def npy_file(frames: np.ndarray) -> bytes:
    """Returns the content of a NumPy file.

    Args:
      frames: uint8 (time, height, width[, 3]).
    """
    file = io.BytesIO()
    np.save(file, frames)
    return file.getvalue()


def _shrink(frame, side):
    height, width = frame.shape[:2]
    if max(height, width) <= side:
        return frame
    picture = Image.fromarray(frame)
    size = min(width, side), min(height, side)
    return np.asarray(picture.resize(size, Image.Resampling.BILINEAR))


def _sides(frame):
    return f"{frame.shape[1]:,} x {frame.shape[0]:,}"
