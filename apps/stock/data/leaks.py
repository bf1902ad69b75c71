"""Refuses tables in which a column reveals the future."""

import pathlib

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
        logs = np.log(np.where(column > 0, column, np.nan))
        change = np.diff(logs, prepend=np.nan)
        for signal in (column, change, change - returns):
            known = np.isfinite(signal[:-1]) & (column[:-1] > 0)
            if known.sum() < MIN_DAYS or np.ptp(signal[:-1][known]) == 0:
                continue
            correlation = scipy.stats.spearmanr(
                signal[:-1][known], returns[1:][known]
            ).statistic
            if abs(correlation) > MAX_CORRELATION:
                raise UserError(
                    f"{path}: the column {name!r} reveals the return of the "
                    f"next day (rank correlation {correlation:.2f}): it was "
                    "shifted, or computed from later prices. Remove or "
                    "correct it."
                )
