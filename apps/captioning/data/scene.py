"""The objects of the scenes of the sample: names, measures and corners."""

import cmath
import dataclasses
import math

SIDE = 64  # Side of a picture in pixels.
CELL = SIDE / 3  # Pixels between the centers of two cells of the grid.
SIZES = {"small": (4.8, 5.4), "large": (8.4, 9.0)}  # Range of the radius.
COLORS = {  # Hue as a fraction of the circle, saturation, value.
    # No color is a mixture of two others: where a word may refer to either of
    # two objects, soft attention mixes their features.
    "red": (0.99, 0.88, 0.88),
    "green": (0.36, 0.8, 0.72),
    "blue": (0.61, 0.8, 0.95),
    "white": (0.0, 0.0, 0.95),
}


def _polygon(count, *radii):
    """Returns corners, the first on top; their radii alternate."""
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
class SceneObject:
    """An object of a scene: its look, and its cell in a grid of 3 x 3."""

    size: str
    color: str
    shape: str
    row: int
    column: int

    @property
    def name(self) -> str:
        """How captions name it."""
        return f"a {self.size} {self.color} {self.shape}"
