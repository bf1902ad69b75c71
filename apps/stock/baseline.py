"""What a sceptic would use: random walks, and volatility that everyone knows.

Each baseline tells, on every day, a location and a spread of what comes; a
Student-t is fitted to what it was wrong by, in that unit, on the days before
the fold, for each day ahead. So all have the tails and the width that they
deserve. They are fitted anew before each fold, to all days before it.
"""

import numpy as np
import scipy.signal
from arch import arch_model

from apps.stock import linear
from apps.stock import student_t
from apps.stock import targets
from apps.stock.features import DECAY
from apps.stock.series import Series

WEEK = 5  # Trading days: the season.
BURN_IN = 60  # Days before a baseline counts as settled.


def forecasts(
    series: tuple[Series, ...], y: np.ndarray, starts: np.ndarray, kind: str
) -> dict[str, np.ndarray]:
    """Returns location, scale and freedom of each baseline, by its name.

    Args:
      series: all markets.
      y: raw targets of the test examples, (examples, numbers): which days.
      starts: datetime64[D]; first days of the folds.
      kind: of `targets.KINDS`.

    Returns:
      Arrays (examples, horizon, 3).
    """
    days = y[:, targets.DAY].astype("M8[D]")
    fold = np.searchsorted(starts, days, side="right") - 1
    found = {}
    for place, one in enumerate(series):
        for number in np.unique(fold):
            rows = (y[:, targets.TICKER] == place) & (fold == number)
            if not rows.any():
                continue
            known = int(np.searchsorted(one.dates, starts[number]))
            origins = np.searchsorted(one.dates, days[rows])
            for name, told in _told(one, known, y, kind).items():
                whole = np.zeros([len(y), targets.horizon(y), 3])
                into = found.setdefault(name, whole)
                into[rows] = _calibrated(one, known, origins, *told, kind)
    return found


def _told(one, known, y, kind):
    """Returns location and spread (days, horizon) of every day, by name."""
    horizon = targets.horizon(y)
    logs, returns = np.log(one.prices), one.returns()
    ahead = np.arange(1, horizon + 1)
    still = np.zeros([len(logs), horizon])
    flat = np.ones([len(logs), horizon])
    cumulative = kind == "price"
    told = {"random walk": (still, flat)}
    if kind != "volatility":
        places = (
            np.arange(len(logs))[:, None] + ahead - WEEK * -(-ahead // WEEK)
        )
        before = logs[np.maximum(places, 0)] - logs[:, None]
        paths = {
            "drift": still + returns[1:known].mean() * ahead,
            "seasonal naive": before,
            "exp. smoothing": linear.smoothing(logs, known, horizon),
            "ARIMA": linear.arima(logs, known, horizon),
        }
        for name, path in paths.items():
            if not cumulative:
                path = np.diff(path, axis=1, prepend=0.0)
            told[name] = (path, flat)
    for name, variances in (
        ("EWMA", ewma(returns)[:, None] * flat),
        ("GARCH", garch(returns, known, horizon)),
    ):
        if cumulative:
            variances = np.cumsum(variances, 1)
        told[name] = (still, np.sqrt(variances))
    return told


def ewma(returns: np.ndarray) -> np.ndarray:  # (days,) -> (days,)
    """Returns the exponentially weighted variance after each day."""
    squares = returns**2
    start = squares[1 : BURN_IN + 1].mean()
    found, _ = scipy.signal.lfilter(
        [1 - DECAY], [1, -DECAY], squares, zi=[DECAY * start]
    )
    return np.maximum(found, 1e-12)


def garch(returns: np.ndarray, known: int, horizon: int) -> np.ndarray:
    """Returns the variances of the coming days by GARCH(1,1), of every day.

    Fitted with Student-t noise to the first `known` days (Bollerslev 1987).

    Returns:
      (days, horizon).
    """
    unit = 100 * returns
    model = arch_model(unit[1:known], mean="Zero", dist="t", rescale=False)
    fit = model.fit(disp="off", show_warning=False)
    omega, alpha, beta = fit.params.to_numpy()[:3]
    start = unit[1 : BURN_IN + 1].var()
    following, _ = scipy.signal.lfilter(
        [1.0], [1, -beta], omega + alpha * unit**2, zi=[beta * start]
    )
    days = [np.maximum(following, 1e-8)]
    for _ in range(horizon - 1):
        days.append(omega + (alpha + beta) * days[-1])
    return np.stack(days, 1) / 1e4


def _calibrated(one, known, origins, location, spread, kind):
    """Returns the Student-t of each origin, (origins, horizon, 3)."""
    horizon = location.shape[1]
    logs = np.log(one.prices)
    seen = np.arange(min(BURN_IN, known // 2), known - horizon)
    ahead = seen[:, None] + np.arange(1, horizon + 1)
    values = logs[ahead] - logs[ahead - 1]
    if kind == "price":
        values = logs[ahead] - logs[seen][:, None]
    fitted = student_t.fit((values - location[seen]) / spread[seen])
    scale = spread[origins] * fitted[:, 0]
    freedom = np.broadcast_to(fitted[:, 1], scale.shape)
    return np.stack([location[origins], scale, freedom], -1)
