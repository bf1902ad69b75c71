"""The confusion matrix."""

import numpy as np
from matplotlib.figure import Figure

LISTED = 20  # Labels with their counts; more are too small to read.


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
    counts = np.zeros((size, size), int)
    np.add.at(counts, (targets, predictions), 1)
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    side = min(12.0, 2.5 + 0.6 * size)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(size)
    axes.set_xticks(places, names, rotation=45, ha="right")
    axes.set_yticks(places, names)
    axes.set(xlabel="predicted label", ylabel="true label")
    for (row, column), count in np.ndenumerate(counts):
        if size <= LISTED:
            color = "white" if shares[row, column] > 0.5 else "black"
            text = f"{count:,}"
            axes.text(column, row, text, ha="center", va="center", color=color)
    return figure
