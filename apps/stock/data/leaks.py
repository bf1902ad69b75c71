"""Refuses tables in which a column reveals the future."""

import pathlib
from collections.abc import Iterator

import numpy as np
import scipy.stats

from apps.stock.data.series import BARS
from apps.stock.data.series import Series
from common.errors import UserError

# Highest rank correlation with the next day's return. Honest columns seldom
# reach 0.1; the bounce between bid and ask may reach 0.5.
MAX_CORRELATION = 0.7
MIN_DAYS = 30


def refuse(series: Series, path: pathlib.Path) -> None:
    """Raises a UserError if a column reveals the next day's return.

    Tests each column, its log change, and its log change minus that of the
    price.

    Args:
      series: Read from the table.
      path: The table, for the message.
    """
    if len(series.prices) < MIN_DAYS:
        return
    returns = series.returns()
    for name, column in zip(BARS, series.bars.T):
        known = np.where(column > 0, column, np.nan)
        change = _change(np.log(known))
        for signal in (known, change, change - returns):
            correlation = _correlation(signal, returns, 1)
            if abs(correlation) > MAX_CORRELATION:
                raise UserError(
                    f"{path}: the column {name!r} reveals the return of the "
                    f"next day (rank correlation {correlation:.2f}): it was "
                    "shifted, or computed from later prices. Remove or "
                    "correct it."
                )


def refuse_covariates(series: Series, path: pathlib.Path, horizon: int) -> None:
    """Raises a UserError if a further column reveals a return to be forecast.

    Of a column that is known on its day, the value must not tell the return,
    or its size, of a day that follows within the horizon. Of one that is known
    ahead, it must not tell those of its own day, either, nor of the days
    before it that are forecast with it.

    Args:
      series: Read from the table.
      path: The table, for the message.
      horizon: Days ahead.
    """
    covariates = series.covariates
    if covariates is None or len(series.prices) < MIN_DAYS:
        return
    returns = series.returns()
    first_ahead = len(covariates.names) - covariates.ahead
    for number, name in enumerate(covariates.names):
        is_ahead = number >= first_ahead
        lags = range(1 - horizon if is_ahead else 1, horizon + 1)
        column = covariates.values[:, number]
        for signal in _signals(column, returns, is_ahead):
            for lag in lags:
                for kind, target in (
                    ("return", returns),
                    ("size of the return", np.abs(returns)),
                ):
                    correlation = _correlation(signal, target, lag)
                    if abs(correlation) > MAX_CORRELATION:
                        raise _revealed(path, name, kind, lag, correlation)


def _signals(column, returns, is_ahead) -> Iterator[np.ndarray]:
    """Yields a column, its changes, and these compared with the price's.

    The change plus the return of the day is that of a sum of later returns.
    The return itself tells that of its own day, which is known ahead of none.
    """
    yield column
    levels = [column]
    if not (column <= 0).any():
        levels.append(np.log(column))
    for level in levels:
        change = _change(level)
        yield change
        if not is_ahead:
            yield change - returns
            yield change + returns


def _revealed(path, name, kind, lag, correlation):
    when = "of the same day"
    if lag:
        days = "1 day" if abs(lag) == 1 else f"{abs(lag)} days"
        when = f"{days} {'later' if lag > 0 else 'earlier'}"
    remedy = "it was shifted, or computed from later prices. Correct it, or "
    if lag <= 0:
        remedy = "that is not known ahead. Name it in --covariates instead, or "
    return UserError(
        f"{path}: the column {name!r} reveals the {kind} {when} (rank "
        f"correlation {correlation:.2f}): {remedy}leave it out."
    )


def _change(level):
    return np.diff(level, prepend=np.nan)


def _correlation(signal, target, lag):
    """Returns the rank correlation with the target `lag` days later."""
    days = len(target)
    signal = signal[max(0, -lag) : days - max(0, lag)]
    target = target[max(0, lag) : days - max(0, -lag)]
    known = np.isfinite(signal)
    # The first return is that of no day.
    known &= np.arange(max(0, lag), max(0, lag) + len(target)) > 0
    signal, target = signal[known], target[known]
    if len(signal) < MIN_DAYS or not np.ptp(signal) or not np.ptp(target):
        return 0.0
    return scipy.stats.spearmanr(signal, target).statistic
