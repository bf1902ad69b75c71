"""Interpolated n-grams of all lengths."""

import numpy as np

from common.text.ngrams import ngram_counts
from common.text.ngrams.tokenized_text import TokenizedText

ROUNDS = 100  # Of expectation maximization.


class Interpolation:
    r"""Relative frequencies of n-grams, interpolated linearly.

    $p(w | h) = \sum_{n=0}^N \lambda_n \, c(h_n w) / c(h_n)$, with $h_n$ the
    last $n - 1$ tokens, and the uniform distribution for $n = 0$. The weights
    maximize the likelihood of a held-out text (expectation maximization). The
    weight of a history that does not occur is spread over the shorter ones.

    Args:
      text: The training text.
      size: Size of the vocabulary.
      order: Length of the longest n-grams; 1 for relative frequencies.
      held_out: The text to which the weights are fitted.

    Reference: Jelinek & Mercer, Interpolated Estimation of Markov Source
    Parameters from Sparse Data, 1980.
    """

    def __init__(
        self,
        text: TokenizedText,
        size: int,
        order: int,
        held_out: TokenizedText,
    ):
        self.size = size
        self.tables = ngram_counts.tables(text, size, order)
        frequencies, is_known = self._frequencies(held_out)
        self.weights = np.full(order + 1, 1 / (order + 1))
        for _ in range(ROUNDS):
            parts = frequencies * _spread(self.weights, is_known)
            parts /= parts.sum(1, keepdims=True)
            self.weights = parts.mean(0)

    def log_probabilities(self, text: TokenizedText) -> np.ndarray:
        """Returns the log probability of each token in nats, (tokens,)."""
        frequencies, is_known = self._frequencies(text)
        return np.log((frequencies * _spread(self.weights, is_known)).sum(1))

    def _frequencies(self, text):
        """Returns the relative frequency of each length of n-grams.

        And whether its history occurs in the training text. Both are (tokens,
        order + 1); the first column is the uniform distribution.
        """
        tokens = len(text.ids)
        frequencies = [np.full(tokens, 1 / self.size)]
        is_known = [np.ones(tokens, bool)]
        rows = ngram_counts.look_up(self.tables, text, self.size)
        for n, (table, (row, history)) in enumerate(zip(self.tables, rows)):
            histories = len(self.tables[n - 1].keys) if n else 1
            totals = np.bincount(table.history, table.counts, histories)
            total = np.append(totals, 0.0)[history]
            counts = np.append(table.counts, 0)[row]
            frequencies.append(counts / np.maximum(total, 1))
            is_known.append(total > 0)
        return np.stack(frequencies, 1), np.stack(is_known, 1)


def _spread(weights, is_known):
    """Returns weights (tokens, n) of the known histories, with sum 1."""
    weights = weights * is_known
    return weights / weights.sum(1, keepdims=True)
