"""Bootstrap confidence intervals."""

from collections.abc import Callable

import numpy as np


def interval(
    statistic: Callable[[np.ndarray], np.ndarray | list[float]],
    examples: int,
    seed: int = 0,
    rounds: int = 1000,
    clusters: np.ndarray | None = None,
) -> np.ndarray:
    """Returns 95 % percentile intervals, (numbers, 2).

    Args:
      statistic: Maps the indices (examples,) of a resampled test set to
        (numbers,); a difference of two models gives a paired bootstrap.
      examples: Size of the test set.
      seed: Seed of the resampling.
      rounds: Number of resampled test sets.
      clusters: int (examples,); examples of the same cluster depend on each
        other and are drawn together. None: all are independent.

    Reference: Efron & Tibshirani, An Introduction to the Bootstrap, 1993;
    paired: Koehn, EMNLP 2004; blocks of a time series: Carlstein, The Annals
    of Statistics 14, 1986.
    """
    rng = np.random.default_rng(seed)
    draw = _sampler(rng, examples, clusters)
    samples = np.array([statistic(draw()) for _ in range(rounds)])
    return np.quantile(samples, [0.025, 0.975], axis=0).T


def _sampler(rng, examples, clusters):
    """Returns a function that draws the indices of a resampled test set."""
    if clusters is None:
        return lambda: rng.integers(examples, size=examples)
    members = [np.flatnonzero(clusters == c) for c in np.unique(clusters)]

    def draw():
        drawn = rng.integers(len(members), size=len(members))
        return np.concatenate([members[i] for i in drawn])

    return draw
