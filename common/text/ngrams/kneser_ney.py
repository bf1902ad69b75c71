"""N-grams with interpolated modified Kneser-Ney smoothing."""

import numpy as np

from common.text.ngrams import ngram_counts
from common.text.ngrams.tokenized_text import TokenizedText


class KneserNey:
    r"""An n-gram model with interpolated modified Kneser-Ney smoothing.

    $p(w | h) = \frac{\max(c(hw) - D(c(hw)), 0)}{\sum_v c(hv)}
    + \gamma(h) \, p(w | h')$, with $h'$ the history without its first token,
    and $\gamma(h)$ the probability that the discounts leave. $D$ is one of
    three numbers for counts of 1, 2 and more, computed from the counts of
    counts. $c(hw)$ is a count for the longest n-grams and for those at the
    beginning of a line; for others it is the number of different tokens before
    $hw$. Single tokens are interpolated with the uniform distribution.

    Args:
      text: The training text.
      size: Size of the vocabulary.
      order: Length of the longest n-grams.

    Reference: Chen & Goodman, An Empirical Study of Smoothing Techniques for
    Language Modeling, 1998.
    """

    def __init__(self, text: TokenizedText, size: int, order: int):
        self.size = size
        self.tables = ngram_counts.tables(text, size, order)
        self.levels = []
        for n, table in enumerate(self.tables):
            counts = table.counts
            if n + 1 < order:
                longer = self.tables[n + 1].suffix
                continuations = np.bincount(longer, minlength=len(counts))
                counts = np.where(table.at_start, counts, continuations)
            histories = len(self.tables[n - 1].keys) if n else 1
            self.levels.append(_Level(counts, table.history, histories))

    def log_probabilities(self, text: TokenizedText) -> np.ndarray:
        """Returns the log probability of each token in nats, (tokens,)."""
        rows = ngram_counts.look_up(self.tables, text, self.size)
        p = np.full(len(text.ids), 1 / self.size)
        for level, (row, history) in zip(self.levels, rows):
            p = level.interpolate(p, row, history)
        return np.log(p)


class _Level:
    """The discounted frequencies of the n-grams of one length.

    Args:
      counts: int (n-grams,).
      history: int (n-grams,); row of the history of each.
      histories: Number of histories.
    """

    def __init__(self, counts, history, histories):
        discount = discounts(counts)[np.minimum(counts, 3)]
        total = np.bincount(history, counts, histories)
        left = np.bincount(history, discount, histories)
        occurs = total > 0
        total = np.where(occurs, total, 1.0)
        self.frequency = (counts - discount) / total[history]
        self.left = np.where(occurs, left / total, 1.0)

    def interpolate(self, p, row, history):
        """Returns p(w | h), given p(w | h')."""
        # Row -1, the last one, is that of unknown n-grams and histories.
        frequency = np.append(self.frequency, 0.0)[row]
        return frequency + np.append(self.left, 1.0)[history] * p


def discounts(counts: np.ndarray) -> np.ndarray:
    """Returns the discounts of the counts 0, 1, 2, and 3 or more.

    The discount is 1/2 in a small text, where one of the counts 1 to 4 does
    not occur.
    """
    n = np.bincount(np.minimum(counts, 5), minlength=6).astype(float)
    if not n[1:5].all():
        return np.array([0.0, 0.5, 0.5, 0.5])
    y = n[1] / (n[1] + 2 * n[2])
    values = [c - (c + 1) * y * n[c + 1] / n[c] for c in (1, 2, 3)]
    return np.array([0.0, *np.maximum(values, 0.0)])
