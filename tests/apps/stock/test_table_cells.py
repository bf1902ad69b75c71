"""Dates and numbers as exports write them."""

import datetime
import pathlib

import numpy as np
import pytest

from apps.stock.data import checks
from apps.stock.data import columns
from apps.stock.data import dates
from apps.stock.data import numbers
from common.errors import UserError

PATH = pathlib.Path("FILE.csv")


def days(*texts, date_format=""):
    cells = list(enumerate(texts, 2))
    return [str(day) for day, _ in dates.read(cells, PATH, date_format)]


@pytest.mark.parametrize(
    "text",
    [
        *("2024-01-02", "2024-1-2", "2024-01-02T05:00:00Z", "20240102"),
        *("2024-01-02 00:00:00-05:00", "2024-01-02 00:00:00 UTC"),
        *("2024/01/02", "2024/1/2", "02.01.2024", "2.1.24", "02-Jan-2024"),
        *("2-Jan-24", "02 January 2024", "Jan 02, 2024", "January 2, 2024"),
        *("Jan 2 2024", "1704153600", "1704153600000", "20240102 000000"),
    ],
)
def test_a_date_is_read_in_each_form(text):
    assert days(text) == ["2024-01-02"]


def test_the_whole_file_shows_whether_the_day_or_the_month_is_first():
    assert days("01/02/2024", "01/31/2024") == ["2024-01-02", "2024-01-31"]
    assert days("01/02/2024", "31/01/2024") == ["2024-02-01", "2024-01-31"]
    assert days("31-01-24") == ["2024-01-31"]
    with pytest.raises(
        UserError,
        match="FILE.csv, line 2: '01/02/2024' may .*--date_format=%d/%m/%Y",
    ):
        days("01/02/2024", "02/02/2024")
    with pytest.raises(UserError, match="line 3: '01/31/2024' begins with the"):
        days("31/01/2024", "01/31/2024")


def test_the_form_of_dates_can_be_named():
    assert days("01/02/2024", date_format="%d/%m/%Y") == ["2024-02-01"]
    for text, form in (("31/01/2024", "%m/%d/%Y"), ("1", "%d%d"), ("1", "%Q")):
        with pytest.raises(UserError, match=f"line 2.*--date_format={form}: "):
            days(text, date_format=form)


@pytest.mark.parametrize("text", ["", "soon", "2024-02-30", "0204", "2024-01"])
def test_a_text_that_is_not_a_date_is_refused(text):
    with pytest.raises(UserError, match="line 2: .* is not a date: write it"):
        days(text)


@pytest.mark.parametrize("year", ["0001", "1599", "2201", "9999"])
def test_years_without_markets_are_refused(year):
    with pytest.raises(UserError, match="the years 1600 and 2200: correct"):
        days(f"{year}-12-31")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1234.5", 1234.5), ("1,234.50", 1234.5), ("$1,234.50", 1234.5)),
        *(("1,234,567", 1234567), ("12,34,567.5", 1234567.5)),
        *(("1.23M", 1.23e6), ("2K", 2e3), ("0.5B", 5e8), ("-3", -3)),
        *(("1e-5", 1e-5), ("123.45 USD", 123.45), ("€ 5", 5)),
        *(("", None), ("-", None), ("N/A", None), ("null", None)),
    ],
)
def test_a_number_is_read_in_each_form(text, value):
    number = numbers.parse(text)
    assert number == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize("text", ["ten", "1,2,3", "12,5", "1.2.3", "K", "$"])
def test_a_text_that_is_not_a_number_is_refused(text):
    with pytest.raises(ValueError, match="could not convert"):
        numbers.parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,5", 1234.5),
        ("12,5", 12.5),
        ("1,234", 1.234),
        ("1.234.567", 1234567),
    ],
)
def test_commas_may_be_decimal(text, value):
    assert numbers.parse(text, decimal_commas=True) == value


@pytest.mark.parametrize(
    ("cells", "separator", "commas"),
    [
        (["12,50", "13,5"], ",", True),
        (["1,234", "2,345"], ",", False),
        (["1,234", "2,345"], ";", True),
        (["1,234", "2,345.5"], ";", False),
        (["12.5", "13"], ";", False),
        (["1.234,5", "2.345"], "\t", True),
        (["1,234,567", "12.345"], ";", False),
    ],
)
def test_the_whole_file_shows_which_sign_is_decimal(cells, separator, commas):
    assert numbers.has_decimal_commas(cells, separator) == commas


@pytest.mark.parametrize(
    "name",
    [
        *("close", "Close*", "<CLOSE>", "1. close", "Close (USD)", " Close "),
        *("4a. close (USD)", "CLOSE**", "Close [EUR]", "close_"),
    ],
)
def test_names_are_compared_without_case_brackets_and_units(name):
    assert columns.key(name) == "close"


@pytest.mark.parametrize(
    ("step", "kind"), [(7, "weekly"), (31, "monthly"), (91, "rarer")]
)
def test_rows_of_weeks_and_months_are_refused(step, kind):
    rows = np.datetime64("2020-01-01") + step * np.arange(30)
    with pytest.raises(UserError, match=f"has {kind} prices: .*{step} days"):
        checks.refuse_rare_rows(rows, "FILE.csv")
    daily = np.datetime64("2020-01-01") + 3 * np.arange(30)
    checks.refuse_rare_rows(daily, "FILE.csv")


@pytest.mark.parametrize("factor", [100, 1 / 100, 90])
def test_prices_in_another_unit_for_a_few_days_are_refused(factor):
    prices = 100 + np.sin(np.arange(60.0))
    lines = range(2, 62)
    checks.refuse_other_units(prices, lines, PATH)
    prices[30:33] *= factor
    with pytest.raises(UserError, match=r"FILE\.csv, line 32: the price is a"):
        checks.refuse_other_units(prices, lines, PATH)
    for days in (slice(0, 2), slice(58, 60)):
        prices = np.full(60, 100.0)
        prices[days] *= factor
        message = f"line {days.start + 2}: .*beside it, for 2 days"
        with pytest.raises(UserError, match=message):
            checks.refuse_other_units(prices, lines, PATH)
    # A reverse split stays.
    prices = np.full(60, 100.0)
    prices[30:33] *= factor
    prices[33:] *= factor
    checks.refuse_other_units(prices, lines, PATH)


def test_a_day_is_a_date_without_a_time():
    ((day, time),) = dates.read([(2, "2024-01-02 09:30:00-05:00")], PATH)
    assert day == datetime.date(2024, 1, 2)
    assert time.startswith("09:30")
