"""The probabilities of a clip over time, under its frames."""

import numpy as np
from matplotlib.figure import Figure

from common.video import decode

COLUMNS = 12  # Frames that are drawn.
LISTED = 8  # Labels in the legend; the others are one area.


def timeline(
    content: bytes,
    side: int,
    labels: np.ndarray,
    probabilities: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
) -> Figure:
    """Draws stacked areas, one for each label, that add up to 1.

    Args:
      content: A readable file.
      side: Of a frame, in pixels: that of the model, with which the file is
        readable.
      labels: Names, bytes (labels,).
      probabilities: (time, labels).
      start: Seconds, (time,).
      end: The same.
    """
    frames, _ = decode.read_one(content, side)
    figure = Figure(figsize=(10, 4), layout="constrained")
    top, bottom = figure.subplots(2, 1, height_ratios=[1, 3])
    places = np.linspace(0, len(frames) - 1, min(COLUMNS, len(frames)))
    strip = frames[places.round().astype(int)]
    top.imshow(np.concatenate(list(strip), 1), aspect="auto")
    top.set_axis_off()
    names, shares = _most_probable(labels, probabilities)
    edges = np.append(start, end[-1])
    # The probability of a frame holds as long as the frame is displayed.
    shares = np.concatenate([shares, shares[-1:]])
    bottom.stackplot(edges, shares.T, step="post", labels=names)
    bottom.set(
        xlabel="seconds",
        ylabel="probability",
        xlim=(edges[0], edges[-1]),
        ylim=(0, 1),
    )
    bottom.legend(loc="center left", bbox_to_anchor=(1, 0.5), reverse=True)
    return figure


def _most_probable(labels, probabilities):
    """Returns the names and probabilities to draw, at most `LISTED` + 1."""
    order = np.argsort(-probabilities.sum(0), kind="stable")
    listed, rest = np.sort(order[:LISTED]), order[LISTED:]
    names = [labels[i].decode() for i in listed]
    shares = probabilities[:, listed]
    if len(rest):
        names.append("others")
        rest_share = probabilities[:, rest].sum(1, keepdims=True)
        shares = np.concatenate([shares, rest_share], 1)
    return names, shares
