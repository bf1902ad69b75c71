"""Pictures with captions, and the attention of each word."""

import io
import math
import textwrap

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from PIL import ImageOps

COLUMNS = 6  # Of a figure.
SIDE = 2.2  # Of a picture in it, in inches.


def sheet(contents: list[bytes], captions: list[str]) -> Figure:
    """Draws pictures with their captions.

    Args:
      contents: Readable picture files.
      captions: One for each picture.
    """
    figure, axes = _grid(len(contents), SIDE + 0.8)
    for axis, content, caption in zip(axes, contents, captions):
        axis.imshow(_pixels(content))
        axis.set_xlabel("\n".join(textwrap.wrap(caption, 30)), fontsize=8)
    return figure


def attention_map(
    content: bytes, tokens: list[str], alignments: np.ndarray
) -> Figure:
    """Draws the picture once per token, bright where the token attends.

    Args:
      content: A readable picture file.
      tokens: Of the caption, then "" for padding.
      alignments: (steps, rows, columns).
    """
    tokens = [token for token in tokens if token]
    figure, axes = _grid(1 + len(tokens), SIDE + 0.3)
    picture = _pixels(content)
    axes[0].imshow(picture)
    for axis, token, weights in zip(axes[1:], tokens, alignments):
        axis.imshow(picture)
        height, width = picture.shape[:2]
        axis.imshow(
            weights,
            cmap="gray",
            alpha=0.7,
            interpolation="bicubic",
            extent=(-0.5, width - 0.5, height - 0.5, -0.5),
        )
        axis.set_xlabel(token.strip(), fontsize=11)
    return figure


def _grid(count, height):
    """Returns a figure, and axes for `count` pictures."""
    columns = min(count, COLUMNS)
    rows = math.ceil(count / columns)
    figure = Figure(
        figsize=(SIDE * columns, height * rows), layout="constrained"
    )
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for i, axis in enumerate(axes):
        axis.set(xticks=[], yticks=[])
        axis.set_visible(i < count)
    return figure, axes


def _pixels(content):
    """Returns an upright picture, (height, width, 3)."""
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
