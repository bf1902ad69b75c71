"""What came over the horizon: the raw `y` of an example, one vector.

    day, ticker, now, value of each coming day, scale of each coming day

`day` counts from 1970-01-01, `ticker` is the place of the series in the data
set. A value is, by what is forecast,

- `price`: the log of the price over that of the last day known;
- `return`: the log return of the day;
- `volatility`: the size of that, whatever its sign.

A move upwards is a value above `now`: 0, or the median of the volatility in
the window. `scale` is the mean absolute error of the naive forecast within
the window, as MASE takes it (Hyndman & Koehler 2006).
"""

import numpy as np

KINDS = ("price", "return", "volatility")
DAY, TICKER, NOW, FIRST = 0, 1, 2, 3


def horizon(y) -> int:
    """Returns how many days the targets (..., numbers) look ahead."""
    return (y.shape[-1] - FIRST) // 2


def values(y):  # (..., numbers) -> (..., horizon)
    """Returns the values."""
    return y[..., FIRST : FIRST + horizon(y)]


def scales(y):  # (..., numbers) -> (..., horizon)
    """Returns the scales."""
    return y[..., FIRST + horizon(y) :]


def steps(kind: str, days: int) -> np.ndarray:  # -> (days,)
    """Returns by how much the spread grows with the days in a random walk."""
    ahead = np.arange(1, days + 1, dtype=np.float32)
    return np.sqrt(ahead) if kind == "price" else np.ones_like(ahead)


def of_series(
    logs: np.ndarray, origins: np.ndarray, window: int, days: int, kind: str
) -> np.ndarray:
    """Returns `now`, values and scales for each origin.

    Args:
      logs: log prices, (all days,).
      origins: places of the last days that are known.
      window: days before them from which the scales come.
      days: the horizon.
      kind: one of `KINDS`.

    Returns:
      float (origins, 1 + 2 * days).
    """
    returns = np.diff(logs, prepend=logs[0])
    ahead = origins[:, None] + np.arange(1, days + 1)
    known = origins[:, None] + np.arange(1 - window, 1)
    now = np.zeros(len(origins))
    if kind == "price":
        values = logs[ahead] - logs[origins][:, None]
        errors = [
            np.abs(logs[known[:, n - 1 :]] - logs[known[:, n - 1 :] - n])
            for n in range(1, days + 1)
        ]
    elif kind == "return":
        values = returns[ahead]
        errors = [np.abs(returns[known])] * days
    else:
        sizes = np.abs(returns)
        values = sizes[ahead]
        now = np.median(sizes[known], 1)
        errors = [
            np.abs(sizes[known[:, n:]] - sizes[known[:, :-n]])
            for n in range(1, days + 1)
        ]
    scales = np.stack([error.mean(1) for error in errors], 1)
    # Where a price did not move in all the window there is no scale.
    return np.concatenate([now[:, None], values, np.fmax(scales, 1e-6)], 1)
