"""The days on which exchanges trade, beyond the end of a table."""

import datetime

import numpy as np


def coming(dates: np.ndarray, count: int) -> np.ndarray:
    """Returns the next trading days, datetime64[D] (count,).

    The days of the week are those on which the last 60 days of the table
    trade. Where it never trades on a holiday of the New York Stock Exchange,
    these are left out, too.

    Args:
      dates: of the table, datetime64[D], ascending.
      count: how many days.
    """
    weekdays = set(_weekday(dates[-60:]))
    years = np.unique(dates.astype("M8[Y]")).astype(int) + 1970
    kept = np.array([day for year in years for day in holidays(year)], "M8[D]")
    kept = kept[(kept > dates[0]) & (kept < dates[-1])]
    observed = len(kept) and not np.isin(kept, dates).any()
    days, day = [], dates[-1]
    while len(days) < count:
        day = day + np.timedelta64(1, "D")
        if _weekday(day[None])[0] not in weekdays:
            continue
        year = day.astype("M8[Y]").astype(int) + 1970
        if not (observed and day.astype(object) in holidays(year)):
            days.append(day)
    return np.array(days)


def _weekday(dates):
    """Returns 0 for Monday to 6 for Sunday."""
    return ((dates.astype(int) + 3) % 7).tolist()


def holidays(year: int) -> set[datetime.date]:
    """Returns the days of a year on which the NYSE does not trade."""
    fixed = [(1, 1), (7, 4), (12, 25)]
    if year >= 2022:
        fixed.append((6, 19))
    days = {_observed(datetime.date(year, *day)) for day in fixed}
    # A New Year's Day on a Saturday is not made up for.
    days.discard(datetime.date(year - 1, 12, 31))
    days |= {
        _nth(year, 1, 0, 3),  # Martin Luther King's day.
        _nth(year, 2, 0, 3),  # Presidents' day.
        _easter(year) - datetime.timedelta(2),  # Good Friday.
        _nth(year, 6, 0, 1) - datetime.timedelta(7),  # Memorial day.
        _nth(year, 9, 0, 1),  # Labor day.
        _nth(year, 11, 3, 4),  # Thanksgiving.
    }
    return days


def _observed(day):
    """Returns the Friday before a Saturday, the Monday after a Sunday."""
    shift = {5: -1, 6: 1}.get(day.weekday(), 0)
    return day + datetime.timedelta(shift)


def _nth(year, month, weekday, number):
    first = datetime.date(year, month, 1)
    ahead = (weekday - first.weekday()) % 7 + 7 * (number - 1)
    return first + datetime.timedelta(ahead)


def _easter(year):
    """Returns Easter Sunday (Meeus, Astronomical Algorithms, 1991)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return datetime.date(year, month, day + 1)
