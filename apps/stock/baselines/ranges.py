"""The variance of a day from open, high, low and close, and its forecasts."""

import numpy as np

from apps.stock.data.series import Series

MEANS = (1, 5, 22)  # Days: one, a week and a month.
MIN_VARIANCE = 1e-8  # One basis point, squared: of days without a move.


def variances(market: Series) -> np.ndarray:  # -> (days,)
    """Returns the variance of each day.

    The square of the overnight return, plus the estimate of Garman & Klass
    (1980) from open, high, low and close. Where these are unknown, it is the
    square of the return.
    """
    returns = market.returns()
    known = (market.bars[:, :4] > 0).all(1)
    opens, highs, lows, closes = np.log(
        np.where(known[:, None], market.bars[:, :4], 1.0)
    ).T
    within, spread = closes - opens, highs - lows
    estimates = 0.5 * spread**2 - (2 * np.log(2) - 1) * within**2
    # Prices are adjusted for splits, bars need not be: within a day, the
    # return is that of the bar.
    overnight = (returns - within) ** 2
    return np.where(known, overnight + np.maximum(estimates, 0), returns**2)


def log_har(
    of_days: np.ndarray,
    known: int,
    horizon: int,
    further: np.ndarray | None = None,
) -> np.ndarray:  # -> (days, horizon)
    """Returns the variances of the days after each day, by regression.

    The logarithm of the variance of each day ahead, on that of the last day
    and on its means over a week and a month (heterogeneous autoregression).

    Args:
      of_days: Variances (days,).
      known: The number of days before the fold, to which it is fitted.
      horizon: Days ahead.
      further: Regressors (horizon, days, columns) besides these means; see
        `covariates.regressors`.

    Reference: Corsi, A Simple Approximate Long-Memory Model of Realized
    Volatility, 2009.
    """
    logs = np.log(np.maximum(of_days, MIN_VARIANCE))
    sums = np.cumsum(np.append(0.0, logs))
    ends = np.arange(1, len(logs) + 1)
    starts = (np.maximum(ends - days, 0) for days in MEANS)
    means = [(sums[ends] - sums[first]) / (ends - first) for first in starts]
    regressors = np.stack([np.ones(len(logs)), *means], 1)
    begin = min(max(MEANS), known // 2)  # Before, months are incomplete.
    columns = []
    for ahead in range(1, horizon + 1):
        rows = slice(begin, known - ahead)
        inputs = regressors
        if further is not None:
            inputs = np.append(regressors, further[ahead - 1], 1)
        weights, *_ = np.linalg.lstsq(
            inputs[rows], logs[begin + ahead : known], rcond=None
        )
        forecast = inputs @ weights
        if further is not None:
            # Not beyond the past, however far a column is beyond its own.
            past = logs[begin:known]
            forecast = np.clip(forecast, past.min(), past.max())
        columns.append(np.exp(forecast))
    return np.stack(columns, 1)
