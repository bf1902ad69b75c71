"""Metrics of language models."""

import numpy as np


def perplexity(log_probabilities, tokens):
    """Returns exp of the mean negative log-likelihood of a token.

    Args:
      log_probabilities: of each sequence, in nats, (examples,).
      tokens: how many each sequence has, (examples,).
    """
    return float(np.exp(-np.sum(log_probabilities) / np.sum(tokens)))
