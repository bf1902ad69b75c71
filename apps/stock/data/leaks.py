"""Refuses tables in which a column reveals the future."""

import pathlib
from typing import NamedTuple

import numpy as np
import scipy.stats

from apps.stock.data.remarks import Remarks
from apps.stock.data.series import BARS
from apps.stock.data.series import Series
from common.errors import UserError

# Highest rank correlation with the next day's return. Honest columns seldom
# reach 0.1; the bounce between bid and ask may reach 0.5.
MAX_CORRELATION = 0.7
MIN_DAYS = 30
# Of further columns; more is remarked on.
USUAL_CORRELATION = 0.3
MIN_DAYS_OF_REMARKS = 250
KINDS = RETURN, SIZE = ("return", "size of the return")


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


class _Correlation(NamedTuple):
    """A rank correlation of a column with returns `lag` days later."""

    value: float
    kind: str
    lag: int


def refuse_covariates(
    series: Series, path: pathlib.Path, horizon: int, remarks: Remarks
) -> None:
    """Raises a UserError if a further column reveals a return to be forecast.

    Of a column that is known on its day, the value must not tell the return,
    or its size, of a day that follows within the horizon. Of one that is known
    ahead, it must not tell those of its own day, either, nor of the days
    before it that are forecast with it.

    Args:
      series: Read from the table.
      path: The table, for messages.
      horizon: Days ahead.
      remarks: Receives which columns tell more than honest ones usually do.
    """
    covariates = series.covariates
    if covariates is None or len(series.prices) < MIN_DAYS:
        return
    returns = series.returns()
    first_ahead = len(covariates.names) - covariates.ahead
    for number, name in enumerate(covariates.names):
        is_ahead = number >= first_ahead
        lags = range(1 - horizon if is_ahead else 1, horizon + 1)
        plain, compared = _signals(covariates.values[:, number], returns)
        # The return itself tells that of its own day, and is known ahead of
        # none.
        signals = plain if is_ahead else [*plain, *compared]
        strongest = _strongest(signals, returns, KINDS, lags)
        if abs(strongest.value) > MAX_CORRELATION:
            raise _revealed(path, name, strongest)
        # Honest columns may well tell the volatility of coming days.
        kinds = KINDS if is_ahead else KINDS[:1]
        strongest = _strongest(plain, returns, kinds, lags, MIN_DAYS_OF_REMARKS)
        if abs(strongest.value) > USUAL_CORRELATION:
            remarks.add(_suspicion(name, strongest), str(path))


def _signals(column, returns):
    """Returns a column and its changes, and these compared with the price's.

    The change plus the return of the day is that of a sum of later returns.
    """
    levels = [column]
    if not (column <= 0).any():
        levels.append(np.log(column))
    changes = [_change(level) for level in levels]
    compared = [c - returns for c in changes] + [c + returns for c in changes]
    return [column, *changes], compared


def _strongest(signals, returns, kinds, lags, min_days=MIN_DAYS):
    """Returns the strongest correlation of signals with later returns."""
    targets = {RETURN: returns, SIZE: np.abs(returns)}
    return max(
        (
            _Correlation(
                _correlation(signal, targets[kind], lag, min_days), kind, lag
            )
            for signal in signals
            for kind in kinds
            for lag in lags
        ),
        key=lambda correlation: abs(correlation.value),
    )


def _revealed(path, name, correlation):
    remedy = "it was shifted, or computed from later prices. Correct it, or "
    if correlation.lag <= 0:
        remedy = "that is not known ahead. Name it in --covariates instead, or "
    return UserError(
        f"{path}: the column {name!r} reveals {_described(correlation)}: "
        f"{remedy}leave it out."
    )


def _suspicion(name, correlation):
    remedy = "leave it out if it was shifted, or computed from later prices."
    if correlation.lag <= 0:
        remedy = "if it is not known before, name it in --covariates instead."
    return f"the column {name!r} tells {_described(correlation)}: {remedy}"


def _described(correlation):
    when, lag = "of the same day", correlation.lag
    if lag:
        days = "1 day" if abs(lag) == 1 else f"{abs(lag)} days"
        when = f"{days} {'later' if lag > 0 else 'earlier'}"
    value = f"rank correlation {correlation.value:.2f}"
    return f"the {correlation.kind} {when} ({value})"


def _change(level):
    return np.diff(level, prepend=np.nan)


def _correlation(signal, target, lag, min_days=MIN_DAYS):
    """Returns the rank correlation with the target `lag` days later."""
    days = len(target)
    signal = signal[max(0, -lag) : days - max(0, lag)]
    target = target[max(0, lag) : days - max(0, -lag)]
    known = np.isfinite(signal)
    # The first return is that of no day.
    known &= np.arange(max(0, lag), max(0, lag) + len(target)) > 0
    signal, target = signal[known], target[known]
    if len(signal) < min_days or not np.ptp(signal) or not np.ptp(target):
        return 0.0
    return scipy.stats.spearmanr(signal, target).statistic
