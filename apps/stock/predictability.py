"""Whether the direction of a market can be forecast at all.

Returns of most markets are noise, and a network that may move its location
learns the noise by heart. So it may only where a linear forecast, fitted to
the other parts of the training windows, is significantly better than none on
each of the parts together.
"""

import numpy as np

from apps.stock import significance

PARTS = 5  # Of the training windows, each judged by the others.
PENALTY = 0.02  # Of its ridge, as a share of the windows.
LEVEL = 0.001  # Of significance.
LEAST = 100  # Windows on which it is judged.


def forecastable(features: np.ndarray, targets: np.ndarray, apart: int) -> bool:
    """Returns whether a linear forecast of the targets is worth something.

    Args:
      features: (windows, features), by time.
      targets: (windows, horizon), in units of volatility.
      apart: windows between the parts, so that they share no day.
    """
    told = _told(features, targets, apart)
    judged = np.flatnonzero(np.isfinite(told[:, 0]))
    if len(judged) < LEAST:
        return False
    columns = sorted({0, targets.shape[1] - 1})
    for column in columns:
        y = targets[judged, column]
        gains = y**2 - (y - told[judged, column]) ** 2
        gain, p = significance.diebold_mariano(gains, judged, column + 1)
        if gain > 0 and p / 2 < LEVEL / len(columns):
            return True
    return False


def _told(features, targets, apart):
    """Returns forecasts, each by the windows that are apart from it.

    Ridge regression; NaN where there are too few of them.
    """
    inputs = np.append(features, np.ones([len(features), 1]), 1)
    told = np.full(targets.shape, np.nan)
    for part in np.array_split(np.arange(len(inputs)), PARTS):
        if not len(part):
            continue
        places = np.arange(len(inputs))
        others = (places < part[0] - apart) | (places > part[-1] + apart)
        if others.sum() < LEAST:
            continue
        seen = inputs[others]
        penalty = PENALTY * len(seen) * np.eye(inputs.shape[1])
        weights = np.linalg.solve(
            seen.T @ seen + penalty, seen.T @ targets[others]
        )
        told[part] = inputs[part] @ weights
    return told
