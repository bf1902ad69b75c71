"""The days on which exchanges trade, beyond the end of a table."""

import datetime
import functools

import numpy as np
from pandas.tseries import holiday

# One on a weekend is made up for on the workday that is nearest.
_moved = functools.partial(holiday.Holiday, observance=holiday.nearest_workday)


class NYSE(holiday.AbstractHolidayCalendar):
    """The holidays of the New York Stock Exchange."""

    rules = [
        # One on a Saturday is not made up for.
        holiday.Holiday(
            "New Year's Day",
            month=1,
            day=1,
            observance=holiday.sunday_to_monday,
        ),
        holiday.USMartinLutherKingJr,
        holiday.USPresidentsDay,
        holiday.GoodFriday,
        holiday.USMemorialDay,
        _moved("Juneteenth", month=6, day=19, start_date="2022-01-01"),
        _moved("Independence Day", month=7, day=4),
        holiday.USLaborDay,
        holiday.USThanksgivingDay,
        _moved("Christmas", month=12, day=25),
    ]


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
    return {
        day.date() for day in NYSE().holidays(f"{year}-01-01", f"{year}-12-31")
    }
