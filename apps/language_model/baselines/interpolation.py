"""N-grams of all lengths, mixed."""

import numpy as np

from apps.language_model import ngrams

ROUNDS = 100  # Of expectation maximisation.


class Interpolation:
    r"""Relative frequencies of n-grams, interpolated linearly.

    $p(w | h) = \sum_{n=0}^N \lambda_n \, c(h_n w) / c(h_n)$, with $h_n$ the
    last $n - 1$ tokens, and the uniform distribution for $n = 0$. The weights
    make a held-out text probable (expectation maximisation). A history that
    was never seen leaves its weight to the shorter ones.

    Args:
      ids: int (tokens,); the lines of the training text, one after the other.
      lengths: int (lines,); of how many tokens each is.
      size: of the vocabulary.
      order: length of the longest n-grams; 1: relative frequencies of tokens.
      held_out: ids and lengths of the text that decides on the weights.

    Reference: Jelinek & Mercer, Interpolated Estimation of Markov Source
    Parameters from Sparse Data, 1980.
    """

    def __init__(self, ids, lengths, size, order, held_out):
        self.size = size
        self.tables = ngrams.tables(ids, lengths, size, order)
        shares, seen = self._shares(*held_out)
        self.weights = np.full(order + 1, 1 / (order + 1))
        for _ in range(ROUNDS):
            parts = shares * _spread(self.weights, seen)
            parts /= parts.sum(1, keepdims=True)
            self.weights = parts.mean(0)

    def log_probabilities(
        self, ids: np.ndarray, lengths: np.ndarray
    ) -> np.ndarray:
        """Returns those of the tokens of a text, (tokens,), in nats."""
        shares, seen = self._shares(ids, lengths)
        return np.log((shares * _spread(self.weights, seen)).sum(1))

    def _shares(self, ids, lengths):
        """Returns p of each length, and whether its history was ever seen.

        Both (tokens, order + 1); the first column is the uniform one.
        """
        rows = ngrams.look_up(self.tables, ids, lengths, self.size)
        shares, seen = [np.full(len(ids), 1 / self.size)], [ids >= 0]
        for n, (table, (place, history)) in enumerate(zip(self.tables, rows)):
            histories = len(self.tables[n - 1].keys) if n else 1
            total = np.bincount(table.history, table.counts, histories)
            total = np.append(total, 0.0)[history]
            counts = np.append(table.counts, 0)[place]
            shares.append(counts / np.maximum(total, 1))
            seen.append(total > 0)
        return np.stack(shares, 1), np.stack(seen, 1)


def _spread(weights, seen):
    """Returns weights (tokens, n) of what was seen; they add up to 1."""
    weights = weights * seen
    return weights / weights.sum(1, keepdims=True)
