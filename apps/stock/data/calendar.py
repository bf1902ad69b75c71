"""Trading days after the end of a price series."""

import datetime
import functools

import numpy as np
from pandas.tseries import holiday

from apps.stock.data.series import Series

# A holiday on a weekend is observed on the nearest workday.
_observed = functools.partial(
    holiday.Holiday, observance=holiday.nearest_workday
)


class NYSE(holiday.AbstractHolidayCalendar):
    """The holidays of the New York Stock Exchange."""

    rules = [
        # Not observed if it is on a Saturday.
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
        _observed("Juneteenth", month=6, day=19, start_date="2022-01-01"),
        _observed("Independence Day", month=7, day=4),
        holiday.USLaborDay,
        holiday.USThanksgivingDay,
        _observed("Christmas", month=12, day=25),
    ]


def coming_days(series: Series, count: int) -> np.ndarray:
    """Returns the days after the end of a series, datetime64[D] (count,).

    Those of its table if it has rows for them, otherwise `next_trading_days`.

    Args:
      series: The series.
      count: The number of days to return.
    """
    covariates = series.covariates
    if covariates is not None and len(covariates.coming_days) >= count:
        return covariates.coming_days[:count]
    return next_trading_days(series.dates, count)


def next_trading_days(dates: np.ndarray, count: int) -> np.ndarray:
    """Returns the trading days after the last date, datetime64[D] (count,).

    Days of the week on which none of the last 60 dates is are left out. So are
    the holidays of the New York Stock Exchange, if the series has no date on
    any of them.

    Args:
      dates: Of the series, datetime64[D], ascending.
      count: The number of days to return.
    """
    weekdays = {date.weekday() for date in dates[-60:].tolist()}
    years = range(dates[0].tolist().year, dates[-1].tolist().year + 1)
    past = np.array([day for year in years for day in holidays(year)], "M8[D]")
    past = past[(past > dates[0]) & (past < dates[-1])]
    observed = len(past) and not np.isin(past, dates).any()
    days, day = [], dates[-1].tolist()
    while len(days) < count:
        day += datetime.timedelta(days=1)
        is_holiday = observed and day in holidays(day.year)
        if day.weekday() in weekdays and not is_holiday:
            days.append(day)
    return np.array(days, "M8[D]")


def holidays(year: int) -> set[datetime.date]:
    """Returns the days of a year on which the NYSE does not trade."""
    return {
        day.date() for day in NYSE().holidays(f"{year}-01-01", f"{year}-12-31")
    }
