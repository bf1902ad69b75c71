"""Dim grounds of synthetic pictures: plain, a gradient, stripes or dots."""

import cmath
import colorsys
import math
import random

import numpy as np


def ground(side: int, rng: random.Random) -> np.ndarray:
    """Returns a background, float (side, side, 3), 0 to 255."""
    y, x = np.mgrid[:side, :side]
    direction = cmath.rect(1, rng.uniform(0, math.tau))
    along = x * direction.real + y * direction.imag
    across = x * direction.imag - y * direction.real
    period = rng.uniform(5, 12)  # Pixels.
    kind = rng.choice(["plain", "gradient", "stripes", "dots"])
    if kind == "plain":
        share = np.zeros([side, side])
    elif kind == "gradient":
        share = (along - along.min()) / (along.max() - along.min())
    else:
        share = np.sin(math.tau / period * along)
        if kind == "dots":
            share = share + np.sin(math.tau / period * across) - 0.6
        share = np.clip(share + 0.5, 0, 1)
    first, second = _dim_color(rng), _dim_color(rng)
    return 255 * (first + (second - first) * share[..., None])


def _dim_color(rng):
    """Returns red, green and blue, 0 to 1."""
    hue, saturation = rng.random(), rng.uniform(0.15, 0.6)
    return np.array(
        colorsys.hsv_to_rgb(hue, saturation, rng.uniform(0.12, 0.4))
    )


def with_noise(
    pictures: np.ndarray, largest: int, rng: random.Random
) -> np.ndarray:
    """Returns pictures with noise, uint8.

    Args:
      pictures: Any shape, 0 to 255.
      largest: Largest change of a value.
      rng: Draws the noise.
    """
    noise = np.frombuffer(rng.randbytes(pictures.size), "u1")
    noise = noise.reshape(pictures.shape).astype("i2")
    noise = noise % (2 * largest + 1) - largest
    return np.clip(pictures + noise, 0, 255).astype("u1")
