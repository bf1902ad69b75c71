"""Trading days follow the weekdays and holidays of a series."""

import datetime

import numpy as np

from apps.stock.data import calendar
from tests.apps.stock import markets


def test_holidays_are_those_that_the_exchange_published():
    """For 2012 and 2022."""
    assert {str(day) for day in calendar.holidays(2012)} == {
        "2012-01-02",
        "2012-01-16",
        "2012-02-20",
        "2012-04-06",
        "2012-05-28",
        "2012-07-04",
        "2012-09-03",
        "2012-11-22",
        "2012-12-25",
    }
    days = calendar.holidays(2022)
    assert datetime.date(2022, 6, 20) in days
    assert datetime.date(2021, 12, 31) not in days


def next_days(days, count):
    return calendar.next_trading_days(days, count).astype(str).tolist()


def test_holidays_are_left_out_if_the_series_observes_them():
    days = markets.weekdays("2012-01-01", "2012-12-22")
    assert next_days(days, 3) == ["2012-12-24", "2012-12-25", "2012-12-26"]
    holidays = [str(day) for day in calendar.holidays(2012)]
    days = days[~np.isin(days, np.array(holidays, "M8[D]"))]
    assert next_days(days, 3) == ["2012-12-24", "2012-12-26", "2012-12-27"]


def test_a_market_that_trades_every_day_continues_to_do_so():
    days = np.arange("2020-01-01", "2020-03-07", dtype="M8[D]")
    assert next_days(days, 2) == ["2020-03-07", "2020-03-08"]
