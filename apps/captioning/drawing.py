"""Draws the scenes of the sample: bright shapes on a dim, noisy ground."""

import cmath
import colorsys
import dataclasses
import io
import math
import random

import numpy as np
from PIL import Image
from PIL import ImageDraw

SIDE = 64  # Pixels.
CELL = SIDE / 3  # Pixels between the places of objects.
FINE = 4  # Points a pixel, along either side, of which edges are the mean.
NOISE = 8  # The most that is added to or taken from a value of 0 to 255.
SIZES = {"small": (4.8, 5.4), "large": (8.4, 9.0)}  # Least, most radius.
SHIFT = 2.5  # The most that an object is off the middle of its place.
MARGIN = 0.4  # The least that is free around an object.
COLOURS = {  # Hue as a part of the circle, saturation, value.
    # None is what two others mix to: where a word may be of either object,
    # soft attention sees both at once.
    "red": (0.99, 0.88, 0.88),
    "green": (0.36, 0.8, 0.72),
    "blue": (0.61, 0.8, 0.95),
    "white": (0.0, 0.0, 0.95),
}


def _polygon(count, *radii):
    """Returns corners, the first on top, at these distances in turn."""
    return [
        cmath.rect(radii[i % len(radii)], math.tau * i / count - math.pi / 2)
        for i in range(count)
    ]


SHAPES = {  # Corners around the origin.
    "circle": _polygon(24, 1.0),
    "square": [
        corner * cmath.rect(1.4, math.pi / 4) for corner in _polygon(4, 1)
    ],
    "triangle": [corner + 0.1j for corner in _polygon(3, 1.2)],
}


@dataclasses.dataclass(frozen=True)
class Thing:
    """An object of a scene: how it looks, and its place in three by three."""

    size: str
    colour: str
    shape: str
    row: int
    column: int


def draw(things: list[Thing], rng: random.Random) -> bytes:
    """Returns a PNG file of 64 by 64 pixels."""
    picture = Image.fromarray(_ground(rng).astype("u1"))
    for thing in things:
        _paint(picture, thing, rng)
    noise = np.frombuffer(rng.randbytes(SIDE * SIDE * 3), "u1")
    noise = noise.reshape(SIDE, SIDE, 3).astype("i2") % (2 * NOISE + 1) - NOISE
    noisy = np.clip(np.asarray(picture) + noise, 0, 255).astype("u1")
    file = io.BytesIO()
    # Noise is not worth the time to compress it.
    Image.fromarray(noisy).save(file, "PNG", compress_level=0)
    return file.getvalue()


def _paint(picture, thing, rng):
    radius = rng.uniform(*SIZES[thing.size])
    turn = cmath.rect(radius, rng.uniform(-0.1, 0.1))
    corners = [corner * turn for corner in SHAPES[thing.shape]]
    # No two objects overlap, and what shares a row or a column is seen to.
    reach = max(max(abs(c.real), abs(c.imag)) for c in corners)
    free = min(SHIFT, CELL / 2 - MARGIN - reach)
    centre = complex(
        (thing.column + 0.5) * CELL + rng.uniform(-free, free),
        (thing.row + 0.5) * CELL + rng.uniform(-free, free),
    )
    mask = Image.new("L", (SIDE * FINE, SIDE * FINE))
    points = [(c + centre) * FINE for c in corners]
    ImageDraw.Draw(mask).polygon([(p.real, p.imag) for p in points], 255)
    picture.paste(_shade(thing.colour, rng), mask=mask.reduce(FINE))


def _shade(name, rng):
    """Returns red, green and blue, 0 to 255, of about a colour."""
    hue, saturation, value = COLOURS[name]
    return tuple(
        round(255 * part)
        for part in colorsys.hsv_to_rgb(
            (hue + rng.uniform(-0.012, 0.012)) % 1,
            saturation * rng.uniform(0.9, 1.08),
            value * rng.uniform(0.88, 1.03),
        )
    )


def _ground(rng):
    """Returns a background without noise, (64, 64, 3), 0 to 255."""
    y, x = np.mgrid[:SIDE, :SIDE]
    direction = cmath.rect(1, rng.uniform(0, math.tau))
    along = x * direction.real + y * direction.imag
    across = x * direction.imag - y * direction.real
    period = rng.uniform(5, 12)  # Pixels.
    kind = rng.choice(["plain", "gradient", "stripes", "dots"])
    if kind == "plain":
        share = np.zeros([SIDE, SIDE])
    elif kind == "gradient":
        share = (along - along.min()) / (along.max() - along.min())
    else:
        share = np.sin(math.tau / period * along)
        if kind == "dots":
            share = share + np.sin(math.tau / period * across) - 0.6
        share = np.clip(share + 0.5, 0, 1)
    one, other = (
        np.array(
            colorsys.hsv_to_rgb(
                rng.random(), rng.uniform(0.15, 0.6), rng.uniform(0.12, 0.4)
            )
        )
        for _ in range(2)
    )
    return 255 * (one + (other - one) * share[..., None])
