"""Regressors of further columns, and a linear forecast of the price by them."""

import numpy as np

from apps.stock.data.series import Covariates

MAX_DEVIATIONS = 8.0  # Scaled values are clipped to it, as in the model.


def regressors(
    covariates: Covariates, known: int, horizon: int
) -> np.ndarray:  # -> (horizon, days, columns)
    """Returns the scaled columns as they are known for each day ahead.

    Those of the last day, and of the day that is forecast where they are known
    ahead. An unknown value counts as the last known one, and as the mean before
    it. The scale is that of the first `known` days.

    Args:
      covariates: Of a market.
      known: The number of days before the fold.
      horizon: Days ahead.
    """
    values = _filled(covariates.values)
    with np.errstate(invalid="ignore"):
        past = values[:known]
        count = np.maximum(np.isfinite(past).sum(0), 1)
        mean = np.nansum(past, 0) / count
        deviation = np.sqrt(np.nansum((past - mean) ** 2, 0) / count)
        scaled = (values - mean) / np.where(deviation > 0, deviation, 1.0)
    scaled = np.clip(np.nan_to_num(scaled), -MAX_DEVIATIONS, MAX_DEVIATIONS)
    first_ahead = len(covariates.names) - covariates.ahead
    tables = []
    for ahead in range(1, horizon + 1):
        table = scaled.copy()
        # The last days have no day ahead; nothing is forecast from them.
        table[:-ahead, first_ahead:] = scaled[ahead:, first_ahead:]
        tables.append(table)
    return np.stack(tables)


def forecasts(
    logs: np.ndarray, further: np.ndarray, known: int
) -> np.ndarray:  # -> (days, horizon)
    """Returns forecasts of the change of the log price by least squares.

    The sum of those of the returns of the days in between: what is known ahead
    moves the price on its day.

    Args:
      logs: Log prices, (days,).
      further: See `regressors`.
      known: The number of days before the fold, to which it is fitted.
    """
    days = []
    for ahead, table in enumerate(further, 1):
        inputs = np.append(table, np.ones([len(table), 1]), 1)
        returns = logs[ahead:known] - logs[ahead - 1 : known - 1]
        weights, *_ = np.linalg.lstsq(
            inputs[: known - ahead], returns, rcond=None
        )
        days.append(inputs @ weights)
    return np.cumsum(days, 0).T


def _filled(values):
    """Replaces unknown values by the last known ones."""
    places = np.where(np.isfinite(values), np.arange(len(values))[:, None], -1)
    last = np.maximum.accumulate(places, 0)
    filled = np.take_along_axis(values, np.maximum(last, 0), 0)
    return np.where(last < 0, np.nan, filled)
