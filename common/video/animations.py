"""Animated PNG and WebP files, and single pictures, by Pillow."""

import contextlib
import io
import pathlib
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL import ImageOps

from common.errors import UserError
from common.video import limits

# What Pillow raises for a damaged file.
ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError),
    *(TypeError, struct.error, zlib.error, Image.DecompressionBombError),
)


def is_animated(file: BinaryIO | pathlib.Path) -> bool:
    """Returns whether a PNG or WebP has several frames; False if damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Of large pictures.
            with Image.open(file) as image:
                return _has_frames(image)
    except ERRORS:
        return False


def _has_frames(image):
    # The frames of a JPEG are sizes or views of the same picture.
    return image.format in ("PNG", "WEBP") and image.n_frames > 1


def read(
    path: pathlib.Path, content: bytes
) -> Iterator[tuple[np.ndarray, float]]:
    """Yields the frames of an animation on white, and their seconds.

    Args:
      path: Of the file, for messages.
      content: The file.

    Raises:
      UserError: It is damaged, or too large.
    """
    with _opened(path, io.BytesIO(content)) as image:
        # The default image of a PNG may be none of its frames.
        first = int(bool(image.info.get("default_image")))
        for index in range(first, image.n_frames):
            image.seek(index)
            pixels = _on_white(image)
            delay = (image.info.get("duration") or 0) / 10  # In 1/100 s.
            if delay < limits.SHORTEST_DELAY:
                delay = limits.DEFAULT_DELAY
            yield pixels, delay / 100


def read_picture(path: pathlib.Path) -> np.ndarray:
    """Returns an upright picture on white, uint8 (height, width, 3).

    Raises:
      UserError: It is damaged, too large, or an animation.
    """
    with _opened(path, path) as image:
        if _has_frames(image):
            raise UserError(
                f"{path} is an animation, not a picture: pass it by its own "
                "name, or move it to a folder of clips."
            )
        return _on_white(ImageOps.exif_transpose(image))


@contextlib.contextmanager
def _opened(path, file):
    try:
        with warnings.catch_warnings(), Image.open(file) as image:
            warnings.simplefilter("ignore")  # Of large pictures.
            if image.width * image.height > limits.MAX_PIXELS:
                raise UserError(
                    f"{path} has {image.width:,} x {image.height:,} pixels, "
                    f"more than {limits.MAX_PIXELS:,}: make it smaller."
                )
            yield image
    except Image.DecompressionBombError as error:
        raise UserError(
            f"{path} has more than {limits.MAX_PIXELS:,} pixels: make it "
            "smaller."
        ) from error
    except ERRORS as error:
        raise UserError(
            f"{path} is cut short or damaged: save it again."
        ) from error


def _on_white(image):
    image = image.convert("RGBA")
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    return np.asarray(ground)[..., :3]
