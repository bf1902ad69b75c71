"""The test of Diebold and Mariano: is one forecast better than another?"""

import numpy as np
import scipy.stats


def diebold_mariano(
    gains: np.ndarray, days: np.ndarray, horizon: int
) -> tuple[float, float]:
    """Returns the mean gain, and the two-sided p-value of no gain.

    Gains of the same day are averaged first: what moves one market moves
    others. The variance is that of Newey & West (1987) with lags over the
    horizon, corrected as by Harvey, Leybourne & Newbold (1997).

    Args:
      gains: (examples,); loss of one forecast minus loss of the other.
      days: (examples,); the day of each example.
      horizon: Days ahead.

    Reference: Diebold & Mariano, Comparing Predictive Accuracy, 1995.
    """
    _, places = np.unique(days, return_inverse=True)
    series = np.bincount(places, gains) / np.bincount(places)
    n = len(series)
    mean = series.mean()
    if n < 3 or np.ptp(series) == 0:
        return float(mean), 1.0
    lags = min(n - 2, max(horizon - 1, int(4 * (n / 100) ** (2 / 9))))
    centered = series - mean
    variance = centered @ centered / n
    for lag in range(1, lags + 1):
        weight = 1 - lag / (lags + 1)
        variance += 2 * weight * (centered[lag:] @ centered[:-lag]) / n
    if variance <= 0:  # Differences are rounding errors.
        return float(mean), 1.0
    correction = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    statistic = mean / np.sqrt(variance / n) * np.sqrt(max(correction, 1 / n))
    return float(mean), float(2 * scipy.stats.t.sf(abs(statistic), n - 1))
