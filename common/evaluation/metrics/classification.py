"""Metrics of binary classification.

Written out because the bootstrap computes each of them a thousand times.
"""

import numpy as np


def accuracy(targets, probabilities):
    """Returns the share of binary targets that probabilities >= 0.5 hit."""
    return float(np.mean((probabilities >= 0.5) == (targets > 0.5)))


def f1(targets, probabilities):
    """Returns the F1 of the positive class at the threshold 0.5.

    Reference: van Rijsbergen, Information Retrieval, 1979.
    """
    chosen, positive = probabilities >= 0.5, targets > 0.5
    both = np.sum(chosen & positive)
    total = np.sum(chosen) + np.sum(positive)
    return float(2 * both / total) if total else 0.0


def log_loss(targets, probabilities):
    """Returns the mean negative log-likelihood of binary targets, in nats.

    Probabilities are kept 1e-7 away from 0 and 1.
    """
    p = np.clip(np.asarray(probabilities, float), 1e-7, 1 - 1e-7)
    return float(-np.mean(np.where(targets > 0.5, np.log(p), np.log1p(-p))))


def roc_auc(targets, scores):
    """Returns the probability that a positive scores above a negative one.

    Ties count a half. 0.5 where one class is absent.

    Reference: Hanley & McNeil, Radiology 143, 1982.
    """
    positive = np.asarray(targets) > 0.5
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks = (last - (count - 1) / 2)[place]  # From 1; ties share their mean.
    p, n = positive.sum(), (~positive).sum()
    if not p or not n:
        return 0.5
    return float((ranks[positive].sum() - p * (p + 1) / 2) / (p * n))
