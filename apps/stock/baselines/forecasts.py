"""The forecasts of all baselines, as distributions.

Each baseline forecasts a location and a spread for every day. A Student-t is
fitted, for each day ahead, to its standardized errors on the days before the
fold, so that all baselines are calibrated. They are fitted again before each
fold, to all days before it.
"""

from collections.abc import Sequence

import numpy as np

from apps.stock.baselines import arima
from apps.stock.baselines import covariates
from apps.stock.baselines import ranges
from apps.stock.baselines import smoothing
from apps.stock.baselines import volatility
from apps.stock.data.series import Series
from apps.stock.model import student_t

VOLATILITY_MODELS = ("EWMA", "GARCH", "EWMA of ranges", "log-HAR")
# With further columns alone.
REGRESSION, HAR_X = "regression on covariates", "log-HAR-X"
WEEK = 5  # Trading days; the season of the seasonal naive forecast.
PARAMETERS = ("location", "scale", "freedom")


def forecasts(
    series: Sequence[Series],
    y: dict[str, np.ndarray],
    fold_starts: np.ndarray,
    target: str,
) -> dict[str, dict[str, np.ndarray]]:
    """Returns the `PARAMETERS` of each baseline, by its name.

    Args:
      series: All markets.
      y: Targets of the test examples; only their days, tickers and horizon
        are used.
      fold_starts: datetime64[D]; first days of the folds.
      target: One of `targets.KINDS`.

    Returns:
      Arrays (examples, horizon).
    """
    horizon = y["values"].shape[1]
    days = y["day"].astype("M8[D]")
    folds = np.searchsorted(fold_starts, days, side="right") - 1
    parameters = {}
    for number, market in enumerate(series):
        for fold in np.unique(folds):
            (rows,) = np.nonzero((y["ticker"] == number) & (folds == fold))
            if not len(rows):
                continue
            known = int(np.searchsorted(market.dates, fold_starts[fold]))
            origins = np.searchsorted(market.dates, days[rows])
            for name, (location, spread) in _locations_and_spreads(
                market, known, horizon, target
            ).items():
                everywhere = parameters.setdefault(
                    name, np.zeros([len(days), horizon, len(PARAMETERS)])
                )
                everywhere[rows] = _calibrated(
                    market, known, origins, location, spread, target
                )
    return {
        name: dict(zip(PARAMETERS, np.moveaxis(values, -1, 0)))
        for name, values in parameters.items()
    }


def _locations_and_spreads(market, known, horizon, target):
    """Returns location and spread (days, horizon) of every day, by name."""
    returns = market.returns()
    zeros = np.zeros([len(returns), horizon])
    ones = np.ones([len(returns), horizon])
    further = None
    if market.covariates is not None:
        further = covariates.regressors(market.covariates, known, horizon)
    by_name = {"random walk": (zeros, ones)}
    if target != "volatility":
        for name, path in _price_paths(market, known, horizon, further).items():
            if target == "return":
                path = np.diff(path, axis=1, prepend=0.0)
            by_name[name] = (path, ones)
    for name, variances in _variances(market, known, horizon, further).items():
        if target == "price":
            variances = np.cumsum(variances, 1)
        by_name[name] = (zeros, np.sqrt(variances))
    return by_name


def _variances(market, known, horizon, further):
    """Returns forecasts (days, horizon) of the variance."""
    returns, of_days = market.returns(), ranges.variances(market)
    ones = np.ones([len(returns), horizon])
    variances_of = (
        volatility.ewma(returns**2)[:, None] * ones,
        volatility.garch(returns, known, horizon),
        volatility.ewma(of_days)[:, None] * ones,
        ranges.log_har(of_days, known, horizon),
    )
    variances = dict(zip(VOLATILITY_MODELS, variances_of, strict=True))
    if further is not None:
        variances[HAR_X] = ranges.log_har(of_days, known, horizon, further)
    return variances


def _price_paths(market, known, horizon, further):
    """Returns forecasts (days, horizon) of the change of the log price."""
    logs = np.log(market.prices)
    ahead = np.arange(1, horizon + 1)
    # The same day of the last known week.
    places = np.arange(len(logs))[:, None] + ahead - WEEK * -(-ahead // WEEK)
    drift = market.returns()[1:known].mean() * ahead
    paths = {
        "drift": np.zeros([len(logs), horizon]) + drift,
        "seasonal naive": logs[np.maximum(places, 0)] - logs[:, None],
        "exp. smoothing": smoothing.forecasts(logs, known, horizon),
        "ARIMA": arima.forecasts(logs, known, horizon),
    }
    if further is not None:
        paths[REGRESSION] = covariates.forecasts(logs, further, known)
    return paths


def _calibrated(market, known, origins, location, spread, target):
    """Returns the Student-t of each origin, (origins, horizon, 3)."""
    horizon = location.shape[1]
    logs = np.log(market.prices)
    past = np.arange(min(volatility.BURN_IN, known // 2), known - horizon)
    ahead = past[:, None] + np.arange(1, horizon + 1)
    values = logs[ahead] - logs[ahead - 1]
    if target == "price":
        values = logs[ahead] - logs[past][:, None]
    fitted = student_t.fit((values - location[past]) / spread[past])
    scale = spread[origins] * fitted[:, 0]
    freedom = np.broadcast_to(fitted[:, 1], scale.shape)
    return np.stack([location[origins], scale, freedom], -1)
