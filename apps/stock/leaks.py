"""Columns that tell the future: such a table is refused."""

import pathlib

import numpy as np
import scipy.stats

from apps.stock.series import BARS
from apps.stock.series import Series
from common.errors import UserError

# Rank correlation with the next day's return. What is known of a market
# seldom reaches 0.1; the bounce between bid and ask may reach 0.5.
MOST = 0.7
LEAST_DAYS = 30


def refuse(series: Series, path: pathlib.Path) -> None:
    """Raises a UserError if a column is the next day's return in disguise.

    Looked at are the column, its log change, and its change against that of
    the price.

    Args:
      series: of the table.
      path: of the table, for the message.
    """
    returns = series.returns()
    for name, column in zip(BARS, series.bars.T):
        logs = np.log(np.where(column > 0, column, np.nan))
        change = np.diff(logs, prepend=np.nan)
        for signal in (column, change, change - returns):
            both = np.isfinite(signal[:-1]) & (column[:-1] > 0)
            if both.sum() < LEAST_DAYS or np.ptp(signal[:-1][both]) == 0:
                continue
            found = scipy.stats.spearmanr(
                signal[:-1][both], returns[1:][both]
            ).statistic
            if abs(found) > MOST:
                raise UserError(
                    f"{path}: the column {name!r} tells the return of the "
                    f"next day (rank correlation {found:.2f}): it was shifted, "
                    "or made of prices that came later. Remove or mend it."
                )
