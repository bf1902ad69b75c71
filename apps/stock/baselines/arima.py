"""ARIMA of the log price."""

import numpy as np
from statsmodels.tsa.arima.model import ARIMA

from apps.stock.baselines import state_space

ORDERS = ((1, 0), (0, 1), (1, 1), (2, 1), (2, 2))  # Of AR and MA.


def forecasts(logs: np.ndarray, known: int, horizon: int) -> np.ndarray:
    """Returns forecasts of the change of the log price after each day.

    ARIMA(p, 1, q) with drift; the order with the lowest AIC.

    Args:
      logs: Log prices, (days,).
      known: The number of days before the fold, to which it is fitted.
      horizon: Days ahead.

    Returns:
      (days, horizon); zeros before the first day that is read.
    """
    first = max(0, known - state_space.MAX_DAYS) + 1
    returns = 100 * np.diff(logs)[first - 1 :]
    mean = returns[: known - first].mean()
    returns = returns - mean
    models = [
        ARIMA(returns[: known - first], order=(p, 0, q), trend="n")
        for p, q in ORDERS
    ]
    best = state_space.best_fit(models, method="innovations_mle")
    changes = np.zeros([len(logs), horizon])
    if best is not None:
        daily = state_space.forecasts(best, returns, horizon)
        changes[first:] = np.cumsum(daily, 1)
    changes[first:] += mean * np.arange(1, horizon + 1)
    return changes / 100
