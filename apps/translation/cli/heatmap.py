"""Heatmaps of the attention of translations to their sources."""

import numpy as np
from matplotlib.figure import Figure


def draw(outputs: dict[str, np.ndarray]) -> Figure:
    """Draws the attention of the best translation of each sentence.

    Args:
      outputs: Arrays of the signature `alternatives`; see
        `serving.Serving.alternatives`.
    """
    maps = [_map(outputs, row) for row in range(len(outputs["source_tokens"]))]
    widths = [max(4, len(places)) for places, _, _ in maps]
    height = max(len(steps) for _, steps, _ in maps)
    figure = Figure(
        figsize=(0.4 * sum(widths) + 2 * len(widths), 0.4 * height + 2),
        layout="constrained",
    )
    axes = figure.subplots(1, len(maps), squeeze=False, width_ratios=widths)[0]
    for axis, (places, steps, weights) in zip(axes, maps):
        axis.imshow(weights, cmap="Blues", vmin=0, vmax=1)
        axis.set_xticks(range(len(places)), places, rotation=60, ha="left")
        axis.set_yticks(range(len(steps)), steps)
        axis.xaxis.tick_top()
        axis.xaxis.set_label_position("top")
        axis.set(xlabel="source", ylabel="translation")
    return figure


def _map(outputs, row):
    """Returns source tokens, target tokens, and attention weights."""
    places = _texts(outputs["source_tokens"][row])
    steps = _texts(outputs["tokens"][row, 0])
    # The end mark follows the tokens of both.
    weights = outputs["alignments"][row, 0, : len(steps) + 1, : len(places) + 1]
    return [*places, "end"], [*steps, "end"][: len(weights)], weights


def _texts(tokens):
    """Returns tokens as text, without marks and padding."""
    return [token.decode(errors="replace") for token in tokens if token]
