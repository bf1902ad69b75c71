"""Whether the direction of a market can be forecast at all.

Returns of most markets are noise, and a network that may move its location
overfits this noise. So it may move it only for a market in which a linear,
cross-fitted forecast of the training windows is significantly better than no
forecast.
"""

import numpy as np

from apps.stock.model import significance

PARTS = 5  # Of the training windows; each is forecast from the others.
PENALTY = 0.02  # Ridge penalty, as a share of the number of windows.
LEVEL = 0.001  # Of significance.
MIN_WINDOWS = 100  # For a fit, and for the test.


def is_forecastable(
    features: np.ndarray, targets: np.ndarray, gap: int
) -> bool:
    """Returns whether a linear forecast of the targets beats none.

    Args:
      features: (windows, features), ordered by time.
      targets: (windows, horizon), in units of volatility.
      gap: Windows left out between the parts, so that they share no day.
    """
    forecasts = _cross_fitted_forecasts(features, targets, gap)
    (rows,) = np.nonzero(np.isfinite(forecasts[:, 0]))
    if len(rows) < MIN_WINDOWS:
        return False
    columns = sorted({0, targets.shape[1] - 1})
    for column in columns:
        y = targets[rows, column]
        gains = y**2 - (y - forecasts[rows, column]) ** 2
        gain, p = significance.diebold_mariano(gains, rows, column + 1)
        if gain > 0 and p / 2 < LEVEL / len(columns):
            return True
    return False


def _cross_fitted_forecasts(features, targets, gap):
    """Returns the forecasts of each part by a ridge regression on the others.

    NaN where the others have too few windows.
    """
    inputs = np.append(features, np.ones([len(features), 1]), 1)
    forecasts = np.full(targets.shape, np.nan)
    places = np.arange(len(inputs))
    for part in np.array_split(places, PARTS):
        if not len(part):
            continue
        rest = (places < part[0] - gap) | (places > part[-1] + gap)
        if rest.sum() < MIN_WINDOWS:
            continue
        known = inputs[rest]
        penalty = PENALTY * len(known) * np.eye(inputs.shape[1])
        weights = np.linalg.solve(
            known.T @ known + penalty, known.T @ targets[rest]
        )
        forecasts[part] = inputs[part] @ weights
    return forecasts
