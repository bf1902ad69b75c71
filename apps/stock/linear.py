"""ARIMA and exponential smoothing of statsmodels, asked on every day."""

import warnings

import numpy as np
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.statespace.exponential_smoothing import (
    ExponentialSmoothing,
)

ORDERS = ((1, 0), (0, 1), (1, 1), (2, 1), (2, 2))  # Of AR and MA.
FORMS = (
    {"trend": False},
    {"trend": True},
    {"trend": True, "damped_trend": True},
    {"trend": True, "seasonal": 5},
)
MOST = 2_000  # Days that they are fitted to: the last ones.


def arima(logs: np.ndarray, known: int, horizon: int) -> np.ndarray:
    """Returns forecasts of the log price less the last one, of every day.

    ARIMA(p, 1, q) with drift, its order chosen by Akaike's criterion.

    Args:
      logs: log prices, (days,).
      known: how many of the days the model is fitted to.
      horizon: days ahead.

    Returns:
      (days, horizon); zeros of the days before the first that is read.
    """
    first = max(0, known - MOST) + 1
    returns = 100 * np.diff(logs)[first - 1 :]
    mean = returns[: known - first].mean()
    returns = returns - mean
    models = [
        ARIMA(returns[: known - first], order=(p, 0, q), trend="n")
        for p, q in ORDERS
    ]
    best = _best(models, method="innovations_mle")
    ahead = np.zeros([len(logs), horizon])
    if best is not None:
        ahead[first:] = np.cumsum(_ahead(best, returns, horizon), 1)
    ahead[first:] += mean * np.arange(1, horizon + 1)
    return ahead / 100


def smoothing(logs: np.ndarray, known: int, horizon: int) -> np.ndarray:
    """Returns the same by exponential smoothing (Hyndman et al. 2008).

    With or without a trend, a damped one, or a pattern of five days, chosen
    by Akaike's criterion.
    """
    first = max(0, known - MOST)
    levels = 100 * (logs[first:] - logs[first])
    models = [
        ExponentialSmoothing(levels[: known - first], **form) for form in FORMS
    ]
    best = _best(models, disp=False)
    ahead = np.zeros([len(logs), horizon])
    if best is not None:
        ahead[first:] = _ahead(best, levels, horizon) - levels[:, None]
    return ahead / 100


def _best(models, **options):
    """Returns the best fit, None if none succeeds."""
    fits = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for model in models:
            try:
                fits.append(model.fit(**options))
            # Of a series that suits a form badly.
            except (ValueError, np.linalg.LinAlgError):
                continue
    fits = [fit for fit in fits if np.isfinite(fit.aic)]
    return min(fits, key=lambda fit: fit.aic, default=None)


def _ahead(fit, values, horizon):
    """Returns the forecasts from every day on, (days, horizon)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = fit.model.clone(values).filter(fit.params)
    space = found.model.ssm
    design = space["design"].reshape(-1)
    states = found.filter_results.predicted_state[:, 1:]
    days = []
    for _ in range(horizon):
        days.append(design @ states)
        states = space["transition"] @ states
    return np.stack(days, 1)
