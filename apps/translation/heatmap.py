"""Pictures of what attended to what."""

import numpy as np
from matplotlib.figure import Figure


def draw(found: dict[str, np.ndarray]) -> Figure:
    """Draws the attention of the best translation of each sentence.

    Args:
      found: what `Translating.alternatives` returned, as arrays.
    """
    pictures = [
        _picture(found, row) for row in range(len(found["source_tokens"]))
    ]
    widths = [max(4, len(places)) for places, _, _ in pictures]
    height = max(len(steps) for _, steps, _ in pictures)
    figure = Figure(
        figsize=(0.4 * sum(widths) + 2 * len(widths), 0.4 * height + 2),
        layout="constrained",
    )
    axes = figure.subplots(
        1, len(pictures), squeeze=False, width_ratios=widths
    )[0]
    for axis, (places, steps, shares) in zip(axes, pictures):
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axis.set_xticks(range(len(places)), places, rotation=60, ha="left")
        axis.set_yticks(range(len(steps)), steps)
        axis.xaxis.tick_top()
        axis.xaxis.set_label_position("top")
        axis.set(xlabel="source", ylabel="translation")
    return figure


def _picture(found, row):
    """Returns the tokens of the source and of the translation, and shares."""
    places = _shown(found["source_tokens"][row])
    steps = _shown(found["tokens"][row, 0])
    # The mark of the end stands behind the tokens of both.
    shares = found["alignments"][row, 0, : len(steps) + 1, : len(places) + 1]
    return [*places, "end"], [*steps, "end"][: len(shares)], shares


def _shown(tokens):
    """Returns tokens as text, without marks and padding."""
    return [token.decode(errors="replace") for token in tokens if token]
