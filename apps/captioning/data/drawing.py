"""Draws the scenes of the sample: bright objects on a dim, noisy ground."""

import cmath
import colorsys
import io
import random

import numpy as np
from PIL import Image
from PIL import ImageDraw

from apps.captioning.data import scene
from common.images import grounds

SUPERSAMPLING = 4  # Points per pixel and axis; edges are their mean.
NOISE = 8  # Largest change of a value from 0 to 255.
SHIFT = 2.5  # Largest distance of an object from the center of its cell.
MARGIN = 0.4  # Least distance of an object from the border of its cell.


def draw(objects: list[scene.SceneObject], rng: random.Random) -> bytes:
    """Returns a PNG file of 64 by 64 pixels."""
    ground = grounds.ground(scene.SIDE, rng)
    picture = Image.fromarray(ground.astype("u1"))
    for item in objects:
        _paint(picture, item, rng)
    noisy = grounds.with_noise(np.asarray(picture), NOISE, rng)
    file = io.BytesIO()
    # Noise does not compress: level 0 saves time.
    Image.fromarray(noisy).save(file, "PNG", compress_level=0)
    return file.getvalue()


def _paint(picture, item, rng):
    radius = rng.uniform(*scene.SIZES[item.size])
    rotation = cmath.rect(radius, rng.uniform(-0.1, 0.1))
    corners = [corner * rotation for corner in scene.SHAPES[item.shape]]
    # Objects never overlap, and those of a row or a column look aligned.
    reach = max(max(abs(c.real), abs(c.imag)) for c in corners)
    shift = min(SHIFT, scene.CELL / 2 - MARGIN - reach)
    center = complex(
        (item.column + 0.5) * scene.CELL + rng.uniform(-shift, shift),
        (item.row + 0.5) * scene.CELL + rng.uniform(-shift, shift),
    )
    side = scene.SIDE * SUPERSAMPLING
    mask = Image.new("L", (side, side))
    points = [(c + center) * SUPERSAMPLING for c in corners]
    ImageDraw.Draw(mask).polygon([(p.real, p.imag) for p in points], 255)
    shade = _shade(item.color, rng)
    picture.paste(shade, mask=mask.reduce(SUPERSAMPLING))


def _shade(color, rng):
    """Returns red, green and blue, 0 to 255, near a named color."""
    hue, saturation, value = scene.COLORS[color]
    return tuple(
        round(255 * part)
        for part in colorsys.hsv_to_rgb(
            (hue + rng.uniform(-0.012, 0.012)) % 1,
            saturation * rng.uniform(0.9, 1.08),
            value * rng.uniform(0.88, 1.03),
        )
    )
