"""Tables of Yahoo, Stooq, Nasdaq and other sources are read as they are."""

import gzip

import numpy as np
import pytest

from apps.stock.data import price_table
from apps.stock.data.form import Form
from apps.stock.data.remarks import Remarks
from common.errors import UserError
from tests.apps.stock import markets

# The same two days in each: 2024-01-30 and 2024-01-31.
STOOQ = """\
<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
AAPL.US,D,20240130,000000,190.5,192,188,191.25,1000,0
AAPL.US,D,20240131,000000,191.5,193.5,190,192.5,2000,0
"""
ALPHA_VANTAGE = """\
timestamp,1. open,2. high,3. low,4. close,5. volume
2024-01-31,191.5,193.5,190,192.5,2000
2024-01-30,190.5,192,188,191.25,1000
"""
NASDAQ = """\
Date,Close/Last,Volume,Open,High,Low
01/31/2024,$192.50,2000,$191.50,$193.50,$190.00
01/30/2024,$191.25,1000,$190.50,$192.00,$188.00
"""
INVESTING = """\
\ufeff"Date","Price","Open","High","Low","Vol.","Change %"
"01/31/2024","192.50","191.50","193.50","190.00","2.00K","0.65%"
"01/30/2024","191.25","190.50","192.00","188.00","1.00K","0.10%"
"""
YFINANCE = """\
Price,Close,High,Low,Open,Volume
Ticker,AAPL,AAPL,AAPL,AAPL,AAPL
Date,,,,,
2024-01-30,191.25,192,188,190.5,1000
2024-01-31,192.5,193.5,190,191.5,2000
"""
STARS = """\
Date,Open,High,Low,Close*,Volume
"Jan 31, 2024",191.50,193.50,190.00,192.50,"2,000"
"Jan 30, 2024",190.50,192.00,188.00,191.25,"1,000"
"""
GERMAN = """\
Date;Open;High;Low;Close (EUR);Volume
30.01.2024;190,5;192,0;188,0;191,25;1.000
31.01.2024;191,5;193,5;190,0;192,5;2.000
"""
PANDAS = """\
,open,high,low,close,volume
2024-01-30 00:00:00-05:00,190.5,192,188,191.25,1000
2024-01-31 00:00:00-05:00,191.5,193.5,190,192.5,2000
"""
SEMICOLONS = """\
"timestamp";"name";"open";"high";"low";"close";"volume"
"2024-01-31T23:59:59.999Z";"2781";191.5;193.5;190;192.5;2000
"2024-01-30T23:59:59.999Z";"2781";190.5;192;188;191.25;1000
"""
FORMS = {
    "stooq": STOOQ,
    "alpha vantage": ALPHA_VANTAGE,
    "nasdaq": NASDAQ,
    "investing": INVESTING,
    "yfinance": YFINANCE,
    "stars": STARS,
    "german": GERMAN,
    "pandas": PANDAS,
    "semicolons": SEMICOLONS,
    "excel": f"sep=;\n{GERMAN}",
    "tabs": ALPHA_VANTAGE.replace(",", "\t"),
}
LONG = """\
Date,Adj Close,Name
2024-01-02,10,AAL
2024-01-03,11,AAL
2024-01-02,20,AAPL
2024-01-03,21,AAPL
"""
WIDE = """\
Price,Close,Close,Volume,Volume
Ticker,AAL,AAPL,AAL,AAPL
Date,,,,
2024-01-02,10,20,100,200
2024-01-03,11,21,110,210
"""


@pytest.fixture
def write(tmp_path):
    """Returns a function that writes a text to FILE.csv."""

    def write(text, name="FILE.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("name", FORMS)
def test_the_tables_of_each_source_give_the_same_series(write, name):
    series = markets.read_table(write(FORMS[name]))
    assert series.ticker == "FILE"
    assert series.dates.astype(str).tolist() == ["2024-01-30", "2024-01-31"]
    np.testing.assert_array_equal(series.prices, [191.25, 192.5])
    np.testing.assert_array_equal(
        series.bars,
        [[190.5, 192, 188, 191.25, 1000], [191.5, 193.5, 190, 192.5, 2000]],
    )


def test_a_packed_table_is_read(tmp_path):
    path = tmp_path / "ACME.csv.gz"
    path.write_bytes(gzip.compress(STOOQ.encode()))
    series = markets.read_table(path)
    assert series.ticker == "ACME"
    np.testing.assert_array_equal(series.prices, [191.25, 192.5])


@pytest.mark.parametrize(
    "column",
    [
        "Adj Close",
        "adjusted_close",
        "5. adjusted close",
        "AdjClose",
        "<ADJ_CLOSE>",
    ],
)
def test_adjusted_prices_are_preferred_and_need_no_remark(
    write, capsys, column
):
    text = ALPHA_VANTAGE.replace("5. volume", f"volume,{column}")
    text = text.replace("2000", "2000,96").replace("1000", "1000,95")
    assert markets.read_table(write(text)).prices.tolist() == [95, 96]
    assert capsys.readouterr().err == ""


def test_the_column_that_is_read_without_adjusted_prices_is_named(
    write, capsys
):
    markets.read_table(write(NASDAQ))
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "no column of adjusted prices: reads 'Close/Last'" in err
    markets.read_table(write(NASDAQ), price_column="close/last")
    assert capsys.readouterr().err == ""


def test_remarks_on_many_files_are_printed_once(write, capsys):
    remarks = Remarks()
    for number in range(30):
        path = write(
            "date,close\n2024-01-02,1\n2024-01-03,2.5\n", f"{number}.csv"
        )
        price_table.PriceTable(path, Form(), remarks).series()
    remarks.print()
    first, second = capsys.readouterr().err.splitlines()
    assert "0.csv, and 29 more: no column of adjusted prices" in first
    assert "no column for Open, High, Low, Volume: the forecast" in second
    price_table.PriceTable(path, Form(), remarks).series()
    remarks.print()
    assert capsys.readouterr().err == ""


def test_a_table_of_several_tickers_is_read_by_ticker(write):
    for text in (LONG, WIDE):
        path = write(text)
        table = price_table.PriceTable(path, Form(), Remarks())
        assert table.tickers == ["AAL", "AAPL"]
        series = table.series("AAPL")
        assert series.ticker == "AAPL"
        assert series.prices.tolist() == [20, 21]
        with pytest.raises(
            UserError, match=r"2 tickers \(AAL, AAPL\): .*FILE\.csv:AAL\."
        ):
            table.series()
        with pytest.raises(UserError, match="no ticker 'X': choose from AAL"):
            table.series("X")
    assert series.bars[:, 4].tolist() == [200, 210]
    with pytest.raises(UserError, match="line 3: no ticker in column 'Name'"):
        markets.read_table(write(LONG.replace("11,AAL", "11,")), ticker="AAPL")
    with pytest.raises(UserError, match="no column of tickers"):
        markets.read_table(write(NASDAQ), ticker="AAPL")


def test_bytes_of_another_encoding_are_refused_with_their_line(tmp_path):
    path = tmp_path / "FILE.csv"
    path.write_bytes(LONG.replace("AAPL", "Nestlé").encode("cp1252"))
    with pytest.raises(UserError, match="not UTF-8.*--encoding"):
        markets.read_table(path)
    path.write_bytes(LONG.replace("20,AAPL", "20,Nestlé").encode("cp1252"))
    with pytest.raises(UserError, match="line 4: byte 0xe9 .*--encoding"):
        markets.read_table(path)
    form = Form(encoding="cp1252")
    series = price_table.PriceTable(path, form, Remarks()).series("AAL")
    assert series.prices.tolist() == [10, 11]


def test_rows_of_one_day_at_several_times_are_intraday(write):
    message = "line 3: 2024-01-02 .*intraday: one row per day is needed"
    for text in (
        "Date,Close\n2024-01-02 09:30:00-05:00,10\n2024-01-02 09:35:00,11\n",
        "Date,Time,Close\n20240102,0930,10\n20240102,0935,10\n",
        "unix,Timestamp,Close\n1,1704187800,10\n2,1704188100,11\n",
    ):
        with pytest.raises(UserError, match=message):
            markets.read_table(write(text))


def test_optional_cells_that_are_not_numbers_are_counted(write, capsys):
    text = STARS.replace("Close*", "Adj Close").replace("188.00", "0")
    text = text.replace("193.50", "-3").replace("2,000", "many")
    series = markets.read_table(write(text))
    assert "line 2: 3 cells of open, high, low, close or volume are not" in (
        capsys.readouterr().err
    )
    np.testing.assert_array_equal(
        series.bars, [[0, 0, 0, 0, 1000], [0, 0, 0, 0, 0]]
    )


def test_a_volume_of_zero_and_an_empty_cell_need_no_remark(write, capsys):
    lines = STARS.replace("Close*", "Adj Close").replace('"2,000"', "0")
    lines = lines.replace('"1,000"', "")
    series = markets.read_table(write(lines))
    assert series.bars[:, 4].tolist() == [0, 0]
    assert "cells" not in capsys.readouterr().err


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("robustness/big.csv", r"big\.csv, line 2: .*1e-12 and 1e\+12: corr"),
        ("robustness/tiny.csv", r"tiny\.csv, line 2: .*1e-12 and 1e\+12: corr"),
        ("robustness/y9999.csv", r"y9999\.csv, line 2: .*correct the date"),
        ("apps/F12_monthly.csv", "has monthly prices: .*31 days apart"),
        ("apps/F12_hundredfold.csv", "line 152: the price is about 101 times"),
        ("apps/F23_intraday.csv", "intraday: one row per day is needed"),
        ("apps/F23_long.csv", r"2 tickers \(AAL, AAPL\)"),
    ],
)
def test_the_cases_are_refused_by_name(public_data, name, message):
    with pytest.raises(UserError, match=message):
        markets.read_table(public_data("../cases") / name)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "prices", "bar"),
    [
        ("F08_lower.csv", [10, 10.5, 10.4], [10, 11, 9, 10, 100]),
        ("F20_yf.csv", [10, 10.5], [10, 11, 9, 10, 100]),
        ("F24_open_zero.csv", [10, 10], [0, 0, 0, 0, 100]),
    ],
)
def test_the_cases_are_read(public_data, name, prices, bar):
    series = markets.read_table(public_data("../cases") / "apps" / name)
    assert series.prices.tolist() == prices
    assert series.bars[0].tolist() == bar
