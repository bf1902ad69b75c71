"""Where a model is better than n-grams: by position, and by frequency."""

import numpy as np
from matplotlib.figure import Figure

LONGEST = 40  # Positions in a line that are drawn one by one.


def losses(
    logs: dict[str, np.ndarray], ids: np.ndarray, lengths: np.ndarray, counts
) -> Figure:
    """Draws the mean loss of tokens, of one model beside another.

    Args:
      logs: log probabilities of the tokens, (tokens,), by model.
      ids: int (tokens,).
      lengths: int (lines,).
      counts: int (vocabulary,); how often each is in the training text.
    """
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    positions = np.minimum(np.arange(len(ids)) - starts + 1, LONGEST)
    powers = np.floor(np.log10(np.maximum(counts[ids], 0.1))).astype(int)
    figure = Figure(figsize=(10, 4), layout="constrained")
    for axes, groups, label in zip(
        figure.subplots(1, 2),
        (positions, powers),
        ("position in the line", "occurrences in the training text"),
    ):
        places = np.unique(groups)
        for name, values in logs.items():
            means = [-values[groups == place].mean() for place in places]
            axes.plot(places, means, marker=".", label=name)
        axes.set(xlabel=label, ylabel="nats a token")
        axes.grid(alpha=0.3)
    axes.legend()  # In the right one there is room for it.
    shown = ["0" if p < 0 else f"{10**p:,}+" for p in places]
    axes.set_xticks(places, shown)
    return figure
