"""Splits by time: training, validation, test, and the folds of the test."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from apps.stock.data.series import Series
from common.errors import UserError

TEST_SHARE = 0.25  # Of the days, unless --test_start is given.
VALID_SHARE = 0.2  # Of the days before the test.
MIN_FITTED = 20  # Days that baselines are fitted to, besides the horizon.


@dataclasses.dataclass(frozen=True)
class Periods:
    """When each split begins, the same for all series.

    What moves one market moves others: a day must not be in two splits.

    Attributes:
      valid_start: First day of validation, datetime64[D].
      test_start: First day of the test.
      test_end: The day after the last one of the test.
    """

    valid_start: np.datetime64
    test_start: np.datetime64
    test_end: np.datetime64

    def origins(
        self, series: Series, split: str, window: int, horizon: int
    ) -> np.ndarray:
        """Returns the last known day of each window of a split, as indices.

        Between two splits is an embargo of window + horizon days: no day that
        a window reads, or that it forecasts, is in two splits.
        """
        valid, test, end = np.searchsorted(
            series.dates,
            np.array([self.valid_start, self.test_start, self.test_end]),
        )
        embargo = window + horizon
        first, last = {
            "train": (0, valid - embargo),
            "valid": (valid, test - embargo),
            "test": (test, end),
        }[split]
        return np.arange(
            max(first, window), min(last, len(series.dates) - horizon)
        )


def choose(
    series: Sequence[Series], test_start: str = "", test_end: str = ""
) -> Periods:
    """Returns the periods of some series.

    Args:
      series: All markets.
      test_start: First day of the test; the last quarter if empty.
      test_end: The day after its last; the end of the data if empty.

    Raises:
      UserError: No day is before the test, or in it.
    """
    days = _all_days(series)
    test = days[int(len(days) * (1 - TEST_SHARE))]
    if test_start:
        test = _day(test_start, "test_start")
    end = days[-1] + 1
    if test_end:
        end = _day(test_end, "test_end")
    before = days[days < test]
    if not len(before) or not ((days >= test) & (days < end)).any():
        raise UserError(
            f"The data cover {days[0]} to {days[-1]}: choose --test_start "
            f"(now {test}) and --test_end (now {end}) within."
        )
    return Periods(before[int(len(before) * (1 - VALID_SHARE))], test, end)


def with_history(
    series: Sequence[Series],
    window: int,
    horizon: int,
    test_start: str = "",
    test_end: str = "",
) -> tuple[tuple[Series, ...], list[str]]:
    """Returns the series that can be scored, and sentences on all others.

    The baselines are fitted to the days before the test: a series that begins
    later has none, and one that begins shortly before has too few.

    Args:
      series: All markets.
      window: Days that the network reads.
      horizon: Days ahead.
      test_start: See `choose`.
      test_end: See `choose`.

    Raises:
      UserError: No series has enough days before the test.
    """
    needed = max(window, horizon + MIN_FITTED) + horizon
    kept = tuple(market for market in series if len(market.dates) > 1)
    left_out = [
        f"{market.ticker} has {len(market.dates)} days with a price: at least "
        "2 are needed; it is left out."
        for market in series
        if len(market.dates) < 2
    ]
    count = len(kept) + 1
    # Without the series that are left out, the test may begin on another day.
    while kept and len(kept) < count:
        count = len(kept)
        start = choose(kept, test_start, test_end).test_start
        known = [int((market.dates < start).sum()) for market in kept]
        left_out += [
            f"{market.ticker} has {days} days before the test, which begins "
            f"on {start}: {needed} are needed; it is left out."
            for market, days in zip(kept, known)
            if days < needed
        ]
        kept = tuple(m for m, days in zip(kept, known) if days >= needed)
    if not kept:
        raise UserError(
            f"No ticker has {needed} days before the test: give longer series, "
            "or choose a later --test_start, a smaller --window or --horizon."
        )
    return kept, left_out


def fold_starts(
    series: Sequence[Series], periods: Periods, folds: int
) -> np.ndarray:
    """Returns the first day of each fold, datetime64[D].

    Args:
      series: All markets.
      periods: Its test period is divided.
      folds: Their number; they have equally many days, as far as possible.
    """
    days = _all_days(series)
    days = days[(days >= periods.test_start) & (days < periods.test_end)]
    parts = np.array_split(days, min(folds, len(days)))
    return np.array([part[0] for part in parts])


def blocks(days: np.ndarray, length: int) -> np.ndarray:
    """Returns for each example the number of the block that its day is in.

    Args:
      days: int (examples,).
      length: Days of a block; only days that have an example count.
    """
    _, places = np.unique(days, return_inverse=True)
    return places // length


def _all_days(series):
    return np.unique(np.concatenate([market.dates for market in series]))


def _day(text, option):
    try:
        return np.datetime64(text, "D")
    except ValueError:
        raise UserError(
            f"--{option}={text} is not a date: write it as 2012-09-12."
        ) from None
