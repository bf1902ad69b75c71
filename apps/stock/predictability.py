"""Whether the direction of a market can be forecast at all.

Returns of most markets are noise, and a network that may move its location
learns the noise by heart. So it may only where a linear forecast, fitted to
the first part of the training windows, is significantly better than none on
the last part.
"""

import numpy as np

from apps.stock import significance

FITTED = 0.65  # Share of the windows that the forecast is fitted to.
PENALTY = 0.02  # Of its ridge, as a share of the windows.
LEVEL = 0.001  # Of significance.
LEAST = 50  # Windows on which it is judged.


def forecastable(features: np.ndarray, targets: np.ndarray, apart: int) -> bool:
    """Returns whether a linear forecast of the targets is worth something.

    Args:
      features: (windows, features), by time.
      targets: (windows, horizon), in units of volatility.
      apart: windows between the two parts, so that they share no day.
    """
    first = int(FITTED * len(features))
    judged = slice(first + apart, None)
    if len(features) - first - apart < LEAST:
        return False
    inputs = np.append(features, np.ones([len(features), 1]), 1)
    seen = inputs[:first]
    gram = seen.T @ seen + PENALTY * first * np.eye(inputs.shape[1])
    weights = np.linalg.solve(gram, seen.T @ targets[:first])
    told = inputs[judged] @ weights
    days = np.arange(len(told))
    columns = sorted({0, targets.shape[1] - 1})
    for column in columns:
        y = targets[judged, column]
        gains = y**2 - (y - told[:, column]) ** 2
        gain, p = significance.diebold_mariano(gains, days, column + 1)
        if gain > 0 and p / 2 < LEVEL / len(columns):
            return True
    return False
