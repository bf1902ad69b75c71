"""Metrics of language models."""

import numpy as np


def perplexity(log_probabilities: np.ndarray, tokens: np.ndarray) -> float:
    """Returns exp of the mean negative log-likelihood of a token.

    Args:
      log_probabilities: (sequences,); log probability of each sequence, in
        nats.
      tokens: int (sequences,); number of tokens of each sequence.
    """
    return float(np.exp(-np.sum(log_probabilities) / np.sum(tokens)))
