"""Confidence intervals of shares and of skills."""

import numpy as np
import scipy.stats

from common.evaluation import bootstrap


def binomial(hits: float, trials: int) -> tuple[float, float]:
    """Returns the 95 % interval of a share (Clopper & Pearson 1934).

    Args:
      hits: Also halves, which `scipy.stats.binomtest` does not take.
      trials: Their number.
    """
    misses = trials - hits
    low = scipy.stats.beta.ppf(0.025, hits, misses + 1) if hits else 0.0
    high = scipy.stats.beta.ppf(0.975, hits + 1, misses) if misses else 1.0
    return float(low), float(high)


def skill(
    losses: np.ndarray, reference: np.ndarray, clusters: np.ndarray, seed: int
) -> tuple[float, float]:
    """Returns the 95 % interval of 1 - mean(losses) / mean(reference).

    Where the reference has no loss, because a price does not move, the
    skill is 0.

    Args:
      losses: (examples,).
      reference: Losses of the forecast to compare with, (examples,).
      clusters: See `bootstrap.interval`.
      seed: Seed of the bootstrap.
    """

    def statistic(rows):
        total = reference[rows].mean()
        return [1 - losses[rows].mean() / total if total > 0 else 0.0]

    ((low, high),) = bootstrap.interval(
        statistic, len(losses), seed, clusters=clusters
    )
    return float(low), float(high)
