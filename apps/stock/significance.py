"""Whether one forecast is better than another, or luck."""

import numpy as np
import scipy.stats


def diebold_mariano(
    gains: np.ndarray, days: np.ndarray, horizon: int
) -> tuple[float, float]:
    """Returns the mean gain, and the two-sided p-value of its being 0.

    Gains of one day are averaged first: what moves one market moves others.
    The variance is Newey & West's (1987), whose lags reach over the horizon,
    with the correction of Harvey, Leybourne & Newbold (1997).

    Args:
      gains: (examples,); loss of the one forecast less that of the other.
      days: (examples,); when.
      horizon: days ahead.

    Reference: Diebold & Mariano, Comparing Predictive Accuracy, 1995.
    """
    _, places = np.unique(days, return_inverse=True)
    series = np.bincount(places, gains) / np.bincount(places)
    n = len(series)
    mean = series.mean()
    if n < 3 or np.ptp(series) == 0:
        return float(mean), 1.0
    lags = min(n - 2, max(horizon - 1, int(4 * (n / 100) ** (2 / 9))))
    away = series - mean
    variance = away @ away / n
    for lag in range(1, lags + 1):
        weight = 1 - lag / (lags + 1)
        variance += 2 * weight * (away[lag:] @ away[:-lag]) / n
    shorter = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    statistic = mean / np.sqrt(variance / n) * np.sqrt(max(shorter, 1 / n))
    return float(mean), float(2 * scipy.stats.t.sf(abs(statistic), n - 1))


def binomial_interval(hits: float, tries: int) -> tuple[float, float]:
    """Returns the 95 % interval of a share (Clopper & Pearson 1934)."""
    low = scipy.stats.beta.ppf(0.025, hits, tries - hits + 1) if hits else 0.0
    missed = hits < tries
    high = (
        scipy.stats.beta.ppf(0.975, hits + 1, tries - hits) if missed else 1.0
    )
    return float(low), float(high)


def blocks(days: np.ndarray, length: int) -> np.ndarray:
    """Returns for each example the number of the block its day lies in.

    Args:
      days: (examples,); when.
      length: days of a block that have examples.
    """
    _, places = np.unique(days, return_inverse=True)
    return places // length


def skill_interval(
    own: np.ndarray, other: np.ndarray, groups: np.ndarray, seed: int
) -> tuple[float, float]:
    """Returns the 95 % interval of 1 - mean(own) / mean(other).

    Args:
      own: losses (examples,).
      other: those of what it is compared with.
      groups: (examples,); what is drawn together by the bootstrap.
      seed: of the bootstrap.
    """
    rng = np.random.default_rng(seed)
    _, places = np.unique(groups, return_inverse=True)
    sums = np.stack([np.bincount(places, losses) for losses in (own, other)])
    drawn = rng.integers(sums.shape[1], size=(1000, sums.shape[1]))
    own, other = sums[:, drawn].sum(-1)
    low, high = np.quantile(1 - own / other, [0.025, 0.975])
    return float(low), float(high)
