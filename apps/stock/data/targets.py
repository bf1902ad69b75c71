"""The targets of an example, by name.

    day      int64: of the last known day, counted from 1970-01-01
    ticker   int64: number of the series in the data set
    now      float32: the value that separates a move up from a move down
    values   float32 (horizon,): what happened on each of the following days
    scales   float32 (horizon,): mean absolute error of the naive forecast

A value is, for the target

- `price`: the log price minus that of the last known day;
- `return`: the log return of the day;
- `volatility`: the absolute value of the log return.

`now` is 0, or the median volatility of the window. `scales` are those of MASE
(Hyndman & Koehler 2006), measured within the window.
"""

import numpy as np

KINDS = ("price", "return", "volatility")


def of_series(
    logs: np.ndarray, origins: np.ndarray, window: int, days: int, kind: str
) -> dict[str, np.ndarray]:
    """Returns `now`, `values` and `scales` for each origin.

    Args:
      logs: Log prices, (all days,).
      origins: Indices of the last known days.
      window: Days up to the origin from which the scales are measured.
      days: The horizon.
      kind: One of `KINDS`.
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
    # There is no scale where a price did not move within the whole window.
    y = {"now": now, "values": values, "scales": np.fmax(scales, 1e-6)}
    return {name: part.astype(np.float32) for name, part in y.items()}
