"""CSV tables are read, or refused with the line and the remedy."""

import numpy as np
import pytest

from apps.stock.data import calendar
from apps.stock.data import leaks
from apps.stock.data import simulation
from common.errors import UserError
from tests.apps.stock import markets
from tests.apps.stock.markets import HEADER

ROWS = [
    "2012-09-10,9.0,11.0,8.0,10.0,5.0,100",
    "2012-09-11,10.0,12.0,9.0,11.0,5.5,200",
    "2012-09-12,11.0,13.0,10.0,12.0,6.0,300",
]


@pytest.fixture
def csv(tmp_path):
    """Returns a function that writes lines to ACME.csv."""

    def write(*lines):
        path = tmp_path / "ACME.csv"
        path.write_text("\n".join(lines))
        return path

    return write


def test_a_table_of_yahoo_finance_becomes_a_series(csv):
    series = markets.read_table(csv(HEADER, *ROWS))
    assert series.ticker == "ACME"
    assert series.dates.astype(str).tolist() == [
        "2012-09-10",
        "2012-09-11",
        "2012-09-12",
    ]
    np.testing.assert_array_equal(series.prices, [5, 5.5, 6])
    np.testing.assert_array_equal(series.bars[0], [9, 11, 8, 10, 100])


def test_rows_may_be_in_descending_order_and_repeat(csv):
    first = markets.read_table(csv(HEADER, *ROWS))
    second = markets.read_table(csv(HEADER, *ROWS[::-1], ROWS[1]))
    np.testing.assert_array_equal(first.dates, second.dates)
    np.testing.assert_array_equal(first.bars, second.bars)


def test_columns_may_have_other_names(csv):
    path = csv("day;x,day,value", "1,2020-01-02 00:00:00,7", "2,2020-01-03,8")
    series = markets.read_table(path, "day", "value")
    np.testing.assert_array_equal(series.prices, [7, 8])
    assert not series.bars.any()


def test_a_row_without_a_price_is_a_missing_day(csv):
    path = csv(
        HEADER, ROWS[0], "2012-09-11,null,null,null,null,null,null", ROWS[2]
    )
    np.testing.assert_array_equal(markets.read_table(path).prices, [5, 6])


def test_bars_that_contradict_each_other_are_unknown(csv):
    path = csv(HEADER, ROWS[0], "2012-09-11,10,9,8,11,5.5,200")
    np.testing.assert_array_equal(
        markets.read_table(path).bars[1], [0, 0, 0, 0, 200]
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["Date,Open,Value"],
            "line 1: no column of prices among 'Date'.*--price_column",
        ),
        (
            [HEADER.replace("Date", "Row")],
            "line 1: no column of dates.*--date_column",
        ),
        (
            ["2012-09-10,9,11", "2012-09-11,9,11"],
            "line 1: a row of prices where the names of the columns",
        ),
        (
            [HEADER, "2012-09-10,1,1,1,1,0,1"],
            "line 2: Adj Close '0' is not a price",
        ),
        (
            [HEADER, "2012-09-10,1,1,1,1,-3,1"],
            "line 2: Adj Close '-3' is not a price",
        ),
        (
            [HEADER, "2012-09-10,1,1,1,1,1e31,1"],
            "line 2: Adj Close '1e31' is not between 1e-12 and 1e.12: correct",
        ),
        (
            [HEADER, "2012-09-10,1,1,1,1,1e-40,1"],
            "line 2: Adj Close '1e-40' is not between 1e-12 and 1e.12: correct",
        ),
        (
            [HEADER, "9999-10-05,1,1,1,1,5,1"],
            "line 2: '9999-10-05' is not between the years 1600 and 2200",
        ),
        (
            [HEADER, ROWS[0], "2012-09-11,1,1,1,1,ten,1"],
            "line 3: .*'ten' is not a number",
        ),
        (
            [HEADER, "2012-09-10,1,1,1,1,inf,1"],
            "line 2: .*'inf' is not a price",
        ),
        (
            [HEADER, "10/09/2012,1,1,1,1,5,1"],
            "line 2: '10/09/2012' may begin with the day .*--date_format=%d",
        ),
        (
            [HEADER, "2012 or so,1,1,1,1,5,1"],
            "line 2: '2012 or so' is not a date: write",
        ),
        (
            [HEADER, "2012-02-30,1,1,1,1,5,1"],
            "line 2: '2012-02-30' is not a date",
        ),
        ([HEADER, "2012-09-10,1,1"], "line 2: 3 cells below 7 columns"),
        (
            [HEADER, ROWS[0], ROWS[0].replace("5.0", "5.1")],
            "line 3: 2012-09-10 is also in line 2",
        ),
        ([], "is empty"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(csv, lines, message):
    with pytest.raises(UserError, match=message):
        markets.read_table(csv(*lines))


def test_an_unreadable_file_is_refused(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        markets.read_table(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="is not utf-16"):
        markets.read_table(tmp_path / "bytes.csv")


def test_a_split_in_unadjusted_prices_gives_a_warning(csv, capsys):
    lines = ["Date,Close", "2020-01-02,100", "2020-01-03,50.5", "2020-01-06,51"]
    markets.read_table(csv(*lines), price_column="Close")
    assert (
        "line 3: Close changes by a factor of 1.98" in capsys.readouterr().err
    )


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("column", range(5))
def test_a_column_of_tomorrows_returns_is_refused(tmp_path, column, sign):
    series = markets.garch()
    bars = series.bars.copy()
    bars[:-1, column] = np.exp(sign * series.returns()[1:])
    with pytest.raises(UserError, match="reveals the return of the next day"):
        leaks.refuse(markets.changed(series, bars=bars), tmp_path)


def test_a_column_of_tomorrows_prices_is_refused(tmp_path):
    series = markets.garch()
    bars = series.bars.copy()
    bars[:-1, 0] = bars[1:, 3]
    with pytest.raises(UserError, match="'Open' reveals"):
        leaks.refuse(markets.changed(series, bars=bars), tmp_path)


@pytest.mark.parametrize("name", simulation.MARKETS)
def test_honest_tables_are_accepted(tmp_path, name):
    assert leaks.refuse(simulation.market(name, 0, 1000), tmp_path) is None


@pytest.mark.real_data
def test_the_published_tables_have_no_prices_on_holidays(public_data):
    series = markets.read_table(public_data("stocks") / "AAPL.csv")
    for year in range(2001, 2012):
        for day in calendar.holidays(year):
            assert np.datetime64(day) not in series.dates
