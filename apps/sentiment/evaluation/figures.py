"""Confusion matrices."""

import math

import numpy as np
from matplotlib.figure import Figure

LISTED = 20  # Labels with their counts; more are too small to read.
TITLE = 16  # Letters above a table of two by two.


def confusion_matrix(
    names: list[str], targets: np.ndarray, predictions: np.ndarray
) -> Figure:
    """Draws how often each label was predicted for each true one.

    Colors are shares of the texts with a true label; numbers are texts.

    Args:
      names: Of the labels.
      targets: Indices of the true labels, int (examples,).
      predictions: Of the predicted ones, likewise.
    """
    size = len(names)
    side = min(12.0, 2.5 + 0.6 * size)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    _draw(axes, names, targets, predictions)
    axes.set(xlabel="predicted label", ylabel="true label")
    axes.tick_params("x", rotation=45)
    for text in axes.get_xticklabels():
        text.set_horizontalalignment("right")
    return figure


def confusion_of_each(
    names: list[str], targets: np.ndarray, predictions: np.ndarray
) -> Figure:
    """Draws for each label how often it was predicted with and without cause.

    Args:
      names: Of the labels.
      targets: Whether each text has each label, bool (examples, labels).
      predictions: The predicted ones, likewise.
    """
    columns = math.ceil(math.sqrt(len(names)))
    rows = math.ceil(len(names) / columns)
    figure = Figure(figsize=(2 * columns, 2.2 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[len(names) :]:
        axes.remove()
    for axes, name, *pair in zip(grid, names, targets.T, predictions.T):
        _draw(axes, ["no", "yes"], *(values.astype(int) for values in pair))
        axes.set_title(name if len(name) <= TITLE else f"{name[:TITLE]}…")
    figure.supxlabel("predicted")
    figure.supylabel("true")
    return figure


def _draw(axes, names, targets, predictions):
    """Draws the matrix of labels that are indices of names."""
    size = len(names)
    counts = np.zeros((size, size), int)
    np.add.at(counts, (targets, predictions), 1)
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(size)
    axes.set_xticks(places, names)
    axes.set_yticks(places, names)
    for (row, column), count in np.ndenumerate(counts):
        if size <= LISTED:
            color = "white" if shares[row, column] > 0.5 else "black"
            text = f"{count:,}"
            axes.text(column, row, text, ha="center", va="center", color=color)
