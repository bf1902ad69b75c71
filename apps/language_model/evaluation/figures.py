"""The loss of a model and of n-grams, by position and by frequency."""

import numpy as np
from matplotlib.figure import Figure

from common.text.ngrams.tokenized_text import TokenizedText

LONGEST = 40  # Later positions in a line are drawn as one.


def losses(
    log_probabilities: dict[str, np.ndarray],
    text: TokenizedText,
    counts: np.ndarray,
) -> Figure:
    """Draws the mean loss of the tokens, a curve per model.

    Args:
      log_probabilities: (tokens,) by the name of the model.
      text: The test text.
      counts: int (vocabulary,); occurrences in the training text.
    """
    ids, lengths = text
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
        for name, values in log_probabilities.items():
            means = [-values[groups == place].mean() for place in places]
            axes.plot(places, means, marker=".", label=name)
        axes.set(xlabel=label, ylabel="nats per token")
        axes.grid(alpha=0.3)
    axes.legend()  # The right panel has room for it.
    labels = ["0" if p < 0 else f"{10**p:,}+" for p in places]
    axes.set_xticks(places, labels)
    return figure
