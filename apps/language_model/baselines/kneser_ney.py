"""N-grams with interpolated modified Kneser-Ney smoothing."""

import numpy as np

from apps.language_model import ngrams


class KneserNey:
    r"""An n-gram model with interpolated modified Kneser-Ney smoothing.

    $p(w | h) = \frac{\max(c(hw) - D(c(hw)), 0)}{\sum_v c(hv)}
    + \gamma(h) \, p(w | h')$, with $h'$ the history without its first token,
    and $\gamma(h)$ what the discounts leave over. $D$ is one of three numbers
    for counts of 1, 2 and more, made of the counts of counts. But for the
    longest n-grams, and for those that begin with the line, $c(hw)$ is the
    number of different tokens before $hw$. Single tokens are interpolated with
    the uniform distribution.

    Args:
      ids: int (tokens,); the lines of the training text, one after the other.
      lengths: int (lines,); of how many tokens each is.
      size: of the vocabulary.
      order: length of the longest n-grams.

    Reference: Chen & Goodman, An Empirical Study of Smoothing Techniques for
    Language Modeling, 1998.
    """

    def __init__(
        self, ids: np.ndarray, lengths: np.ndarray, size: int, order: int
    ):
        self.size = size
        self.tables = ngrams.tables(ids, lengths, size, order)
        self.levels = []
        for n, table in enumerate(self.tables):
            counts = table.counts
            if n + 1 < order:
                longer = self.tables[n + 1].suffix
                before = np.bincount(longer, minlength=len(counts))
                counts = np.where(table.at_start, counts, before)
            histories = len(self.tables[n - 1].keys) if n else 1
            self.levels.append(_Level(counts, table.history, histories))

    def log_probabilities(
        self, ids: np.ndarray, lengths: np.ndarray
    ) -> np.ndarray:
        """Returns those of the tokens of a text, (tokens,), in nats."""
        rows = ngrams.look_up(self.tables, ids, lengths, self.size)
        p = np.full(len(ids), 1 / self.size)
        for level, (place, history) in zip(self.levels, rows):
            p = level.interpolate(p, place, history)
        return np.log(p)


class _Level:
    """The discounted shares of the n-grams of one length.

    Args:
      counts: int (n-grams,).
      history: int (n-grams,); its place.
      histories: how many there are.
    """

    def __init__(self, counts, history, histories):
        discount = discounts(counts)[np.minimum(counts, 3)]
        total = np.bincount(history, counts, histories)
        left = np.bincount(history, discount, histories)
        seen = total > 0
        total = np.where(seen, total, 1.0)
        self.share = (counts - discount) / total[history]
        self.left = np.where(seen, left / total, 1.0)

    def interpolate(self, p, place, history):
        """Returns p(w | h), given p(w | h')."""
        # Place -1, the last: of what was never seen.
        share = np.append(self.share, 0.0)[place]
        return share + np.append(self.left, 1.0)[history] * p


def discounts(counts: np.ndarray) -> np.ndarray:
    """Returns what is taken off counts of 0, 1, 2, and 3 or more.

    Where a text is so small that one of the counts 1 to 4 does not occur, the
    discount is 1/2.
    """
    n = np.bincount(np.minimum(counts, 5), minlength=6).astype(float)
    if not n[1:5].all():
        return np.array([0.0, 0.5, 0.5, 0.5])
    y = n[1] / (n[1] + 2 * n[2])
    found = [c - (c + 1) * y * n[c + 1] / n[c] for c in (1, 2, 3)]
    return np.array([0.0, *np.maximum(found, 0.0)])
