"""Straight motion of squares in a frame that reflects them."""

import numpy as np


def positions(
    rng: np.random.Generator, count: int, frames: int, step: float
) -> np.ndarray:
    """Returns the positions of objects that move at constant speed.

    Each starts anywhere, in any direction. One that would leave the unit
    square stops at its border for this frame and is reflected.

    Args:
      rng: Source of starts and directions.
      count: Number of objects.
      frames: Number of frames.
      step: Distance between two frames.

    Returns:
      float64 (frames, count, 2), rows and columns from 0 to 1.

    Reference: Srivastava et al., Unsupervised Learning of Video
    Representations using LSTMs, 2015.
    """
    position = rng.random((count, 2))
    angle = rng.random(count) * 2 * np.pi
    velocity = step * np.stack([np.sin(angle), np.cos(angle)], 1)
    path = np.zeros((frames, count, 2))
    for t in range(frames):
        position = position + velocity
        outside = (position <= 0) | (position >= 1)
        velocity = np.where(outside, -velocity, velocity)
        position = np.clip(position, 0, 1)
        path[t] = position
    return path


def paste(frames: np.ndarray, picture: np.ndarray, path: np.ndarray) -> None:
    """Draws a moving picture into frames; the brighter pixel stays.

    Args:
      frames: uint8 (time, height, width, ...), changed in place.
      picture: uint8 (rows, columns, ...), not larger than a frame.
      path: (time, 2), positions from 0 to 1.
    """
    rows, columns = picture.shape[:2]
    room = np.array(frames.shape[1:3]) - (rows, columns)
    corners = (path * room).astype(int)
    for frame, (top, left) in zip(frames, corners):
        part = frame[top : top + rows, left : left + columns]
        np.maximum(part, picture, out=part)
