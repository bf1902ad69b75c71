"""The clips of the sample: two shapes that move across a black frame."""

import numpy as np

from apps.video_forecast.data import motion

SIDE, SHAPE_SIDE = 32, 11  # Pixels.
SHAPES = 2
STEPS = (0.05, 0.1, 0.15)  # Per frame, as shares of the free distance.


def clip(rng: np.random.Generator, frames: int) -> np.ndarray:
    """Returns a clip, uint8 (frames, rows, columns, 3).

    Args:
      rng: Source of shapes, colors, starts and directions.
      frames: Number of frames.
    """
    drawn = np.zeros((frames, SIDE, SIDE, 3), np.uint8)
    for _ in range(SHAPES):
        color = rng.integers(64, 256, 3)
        picture = (_coverage(rng)[..., None] * color).astype(np.uint8)
        path = motion.positions(rng, 1, frames, rng.choice(STEPS))
        motion.paste(drawn, picture, path[:, 0])
    return drawn


def _coverage(rng):
    """Returns the share of each pixel that a random shape covers."""
    places = np.arange(SHAPE_SIDE) - (SHAPE_SIDE - 1) / 2
    y, x = np.meshgrid(places, places, indexing="ij")
    radius, half = np.hypot(y, x), SHAPE_SIDE / 2 - 0.5
    # Distances to the outline in pixels, positive inside.
    inside = [
        half - radius,
        half - 1 - np.maximum(abs(y), abs(x)),
        np.minimum(half - 1 - y, (y + half - 1) / 2 - abs(x) + 0.5),
        1.5 - abs(radius - half + 1.5),
    ]
    return np.clip(inside[rng.integers(len(inside))] + 0.5, 0, 1)
