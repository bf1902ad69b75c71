"""Refuses prices that are not daily ones, and warns of splits."""

import pathlib
import sys
from collections.abc import Sequence

import numpy as np

from common.errors import UserError

MAX_GAP = 4  # Days between two rows, in the median.
MIN_ROWS = 4  # From which the gaps show what a row is.
# An error of the unit (cents) for a few days: factor, and number of days.
MIN_FACTOR, MAX_FACTOR, MAX_DAYS = 50, 200, 10
MAX_DAYS_AT_END = 3  # At the beginning or the end of a table.
MIN_SPLIT = 1.5  # A larger change may be a split of unadjusted shares.
SPLITS = (2, 3, 3 / 2, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 100)


def refuse_rare_rows(days: np.ndarray, name: str) -> None:
    """Raises a UserError if rows are weeks or months.

    Args:
      days: datetime64[D], ascending.
      name: Of the table, for the message.
    """
    if len(days) < MIN_ROWS:
        return
    gap = int(np.median(np.diff(days).astype(int)))
    if gap > MAX_GAP:
        kind = "weekly" if gap < 14 else "monthly" if gap < 45 else "rarer"
        raise UserError(
            f"{name} has {kind} prices: its rows are {gap} days apart in the "
            "median. One row per trading day is needed: export daily prices."
        )


def refuse_other_units(
    prices: np.ndarray, lines: Sequence[int], path: pathlib.Path
) -> None:
    """Raises a UserError if prices are about 100 times others for a few days.

    Args:
      prices: (days,), oldest first.
      lines: Of each day.
      path: The table, for the message.
    """
    logs = np.log(prices)
    changes = np.diff(logs)
    (jumps,) = np.nonzero(
        (np.abs(changes) > np.log(MIN_FACTOR))
        & (np.abs(changes) < np.log(MAX_FACTOR))
    )
    last = len(prices) - 1
    edges = [-1, *jumps, last]
    for start, end in zip(edges, edges[1:]):
        days = end - start
        if start < 0 or end == last:
            is_short = days <= MAX_DAYS_AT_END < last // 2
        else:
            is_short = days <= MAX_DAYS and changes[start] * changes[end] < 0
        if not is_short or not len(jumps):
            continue
        beside = start if start >= 0 else end + 1
        factor = np.exp(logs[end] - logs[beside])
        size = f"{factor:.0f} times" if factor > 1 else f"1/{1 / factor:.0f} of"
        raise UserError(
            f"{path}, line {min(lines[start + 1 : end + 1])}: the price is "
            f"about {size} that of the days beside it, for {days} days: "
            "correct it (cents in the place of dollars?), or leave the cell "
            "empty."
        )


def warn_of_splits(
    prices: np.ndarray,
    lines: Sequence[int],
    path: pathlib.Path,
    column: str,
) -> None:
    """Prints to standard error where shares seem to have been split.

    Args:
      prices: Not adjusted, (days,), oldest first.
      lines: Of each day.
      path: The table.
      column: Name of the column of the prices.
    """
    ratios = prices[1:] / prices[:-1]
    for place in np.flatnonzero(np.fmax(ratios, 1 / ratios) > MIN_SPLIT - 0.05):
        ratio = max(ratios[place], 1 / ratios[place])
        nearest = min(SPLITS, key=lambda split: abs(ratio / split - 1))
        if abs(ratio / nearest - 1) < 0.04:
            print(
                f"stock: {path}, line {lines[place + 1]}: {column} changes by "
                f"a factor of {ratio:.2f}: if shares were split there, use "
                "an adjusted --price_column.",
                file=sys.stderr,
            )
