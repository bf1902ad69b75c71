"""Forecasts of the volatility: exponential weighting and GARCH."""

import numpy as np
import scipy.signal
from arch import arch_model

from apps.stock.model.features import DECAY

BURN_IN = 60  # Days whose variance starts the recursions.


def ewma(variances: np.ndarray) -> np.ndarray:  # (days,) -> (days,)
    """Returns the exponentially weighted variance after each day.

    Args:
      variances: Of each day, such as its squared return.
    """
    start = variances[1 : BURN_IN + 1].mean()
    variances, _ = scipy.signal.lfilter(
        [1 - DECAY], [1, -DECAY], variances, zi=[DECAY * start]
    )
    return np.maximum(variances, 1e-12)


def garch(returns: np.ndarray, known: int, horizon: int) -> np.ndarray:
    """Returns the GARCH(1,1) variances of the days after each day.

    Fitted with Student-t noise to the first `known` days (Bollerslev 1987). If
    the price did not move on any of them, there is no likelihood, and the
    variances are those of `ewma`.

    Returns:
      (days, horizon).
    """
    if not returns[1:known].any():
        return np.repeat(ewma(returns**2)[:, None], horizon, 1)
    percent = 100 * returns
    model = arch_model(percent[1:known], mean="Zero", dist="t", rescale=False)
    fit = model.fit(disp="off", show_warning=False)
    omega, alpha, beta = fit.params.to_numpy()[:3]
    start = percent[1 : BURN_IN + 1].var()
    next_day, _ = scipy.signal.lfilter(
        [1.0], [1, -beta], omega + alpha * percent**2, zi=[beta * start]
    )
    days = [np.maximum(next_day, 1e-8)]
    for _ in range(horizon - 1):
        days.append(omega + (alpha + beta) * days[-1])
    return np.stack(days, 1) / 1e4
