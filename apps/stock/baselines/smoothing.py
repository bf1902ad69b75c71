"""Exponential smoothing of the log price."""

import numpy as np
from statsmodels.tsa.statespace.exponential_smoothing import (
    ExponentialSmoothing,
)

from apps.stock.baselines import state_space

FORMS = (
    {"trend": False},
    {"trend": True},
    {"trend": True, "damped_trend": True},
    {"trend": True, "seasonal": 5},
)


def forecasts(logs: np.ndarray, known: int, horizon: int) -> np.ndarray:
    """Returns forecasts of the change of the log price after each day.

    Without a trend, with a trend, a damped trend, or a pattern of five days:
    the form with the lowest AIC (Hyndman et al. 2008). Arguments and result
    are those of `arima.forecasts`.
    """
    first = max(0, known - state_space.MAX_DAYS)
    levels = 100 * (logs[first:] - logs[first])
    models = [
        ExponentialSmoothing(levels[: known - first], **form) for form in FORMS
    ]
    best = state_space.best_fit(models, disp=False)
    changes = np.zeros([len(logs), horizon])
    if best is not None:
        following = state_space.forecasts(best, levels, horizon)
        changes[first:] = following - levels[:, None]
    return changes / 100
