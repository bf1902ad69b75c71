"""Draws the clips of the sample: two bright shapes on a dim, noisy ground."""

import cmath
import colorsys
import math
import random

import numpy as np

from apps.video.data import motions
from common.images import grounds

NOISE = 8  # Largest change of a value from 0 to 255.
# The sides of a shape: angle of the normal, and distance from the center as a
# share of the radius. None looks the same after a turn by less than 90°.
SHAPES = {
    "triangle": [(math.tau * i / 3, 0.5) for i in range(3)],
    "square": [(math.tau * i / 4, math.sqrt(0.5)) for i in range(4)],
    "bar": [(math.tau * i / 4, (0.9, 0.44)[i % 2]) for i in range(4)],
}


def draw(pairs: list[motions.Pair], rng: random.Random) -> np.ndarray:
    """Returns frames, uint8 (time, side, side, 3)."""
    frames = grounds.ground(motions.SIDE, rng)[None]
    hue = rng.random()
    for i in range(2):
        # Far enough from the hue of the other shape.
        color = _bright_color((hue + i * rng.uniform(0.3, 0.7)) % 1, rng)
        opacity = _opacity(
            rng.choice(list(SHAPES)), [pair[i] for pair in pairs]
        )[..., None]
        frames = frames + opacity * (color - frames)
    return grounds.with_noise(frames, NOISE, rng)


def _bright_color(hue, rng):
    """Returns red, green and blue, 0 to 255."""
    return 255 * np.array(
        colorsys.hsv_to_rgb(hue, rng.uniform(0.5, 0.9), rng.uniform(0.8, 1))
    )


def _opacity(shape, bodies):
    """Returns the share of each pixel that a shape covers, (time, y, x)."""
    places = np.arange(motions.SIDE) + 0.5
    pixels = places + 1j * places[:, None]
    centers = np.array([body.center for body in bodies])
    turns = np.array([cmath.rect(1, -body.angle) for body in bodies])
    radii = np.array([body.radius for body in bodies])[:, None, None]
    local = (pixels - centers[:, None, None]) * turns[:, None, None]
    beyond = np.max(
        [
            (local * cmath.rect(1, -angle)).real - share * radii
            for angle, share in SHAPES[shape]
        ],
        0,
    )
    return np.clip(0.5 - beyond, 0, 1)
