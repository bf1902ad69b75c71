"""Tables are read or refused; nothing of the future reaches the past."""

import datetime

import numpy as np
import pytest
import tensorflow as tf

from apps.stock import backtest
from apps.stock import data
from apps.stock import leaks
from apps.stock import sample
from apps.stock import table
from apps.stock import targets
from apps.stock import trading_days
from apps.stock.series import Series
from common.errors import UserError

HEAD = "Date,Open,High,Low,Close,Adj Close,Volume"
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


def test_a_table_of_yahoo_becomes_a_series(csv):
    series = table.read(csv(HEAD, *ROWS))
    assert series.ticker == "ACME"
    assert series.dates.astype(str).tolist() == [
        "2012-09-10",
        "2012-09-11",
        "2012-09-12",
    ]
    np.testing.assert_array_equal(series.prices, [5, 5.5, 6])
    np.testing.assert_array_equal(series.bars[0], [9, 11, 8, 10, 100])


def test_rows_may_descend_and_repeat(csv):
    first = table.read(csv(HEAD, *ROWS))
    again = table.read(csv(HEAD, *ROWS[::-1], ROWS[1]))
    np.testing.assert_array_equal(first.dates, again.dates)
    np.testing.assert_array_equal(first.bars, again.bars)


def test_own_columns_are_named(csv):
    path = csv("day;x,day,value", "1,2020-01-02 00:00:00,7", "2,2020-01-03,8")
    series = table.read(path, "day", "value")
    np.testing.assert_array_equal(series.prices, [7, 8])
    assert not series.bars.any()


def test_a_row_without_a_price_is_a_missing_day(csv):
    path = csv(
        HEAD, ROWS[0], "2012-09-11,null,null,null,null,null,null", ROWS[2]
    )
    np.testing.assert_array_equal(table.read(path).prices, [5, 6])


def test_bars_that_contradict_themselves_are_unknown(csv):
    path = csv(HEAD, ROWS[0], "2012-09-11,10,9,8,11,5.5,200")
    np.testing.assert_array_equal(table.read(path).bars[1], [0, 0, 0, 0, 200])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([HEAD.replace("Adj ", "")], "line 1: no column 'Adj Close' among"),
        (
            [HEAD.replace("Date", "Day")],
            "line 1: no column 'Date'.*--date_column",
        ),
        ([HEAD, "2012-09-10,1,1,1,1,0,1"], "line 2: Adj Close '0' is no price"),
        (
            [HEAD, "2012-09-10,1,1,1,1,-3,1"],
            "line 2: Adj Close '-3' is no price",
        ),
        (
            [HEAD, ROWS[0], "2012-09-11,1,1,1,1,ten,1"],
            "line 3: .*'ten' is no num",
        ),
        ([HEAD, "2012-09-10,1,1,1,1,inf,1"], "line 2: .*'inf' is no price"),
        (
            [HEAD, "10/09/2012,1,1,1,1,5,1"],
            "line 2: '10/09/2012' is no date: w",
        ),
        ([HEAD, "2012-02-30,1,1,1,1,5,1"], "line 2: '2012-02-30' is no date"),
        ([HEAD, "2012-09-10,1,1"], "line 2: 3 cells below 7 columns"),
        (
            [HEAD, ROWS[0], ROWS[0].replace("5.0", "5.1")],
            "line 3: 2012-09-10 is in line 2, too",
        ),
        ([HEAD, ROWS[0]], "has 1 days"),
        ([], "is empty"),
    ],
)
def test_a_bad_table_is_named_with_its_line(csv, lines, message):
    with pytest.raises(UserError, match=message):
        table.read(csv(*lines))


def test_a_file_that_is_none_is_named(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        table.read(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="no CSV file in UTF-8"):
        table.read(tmp_path / "bytes.csv")


def test_a_split_that_the_prices_do_not_know_is_told(csv, capsys):
    lines = ["Date,Close", "2020-01-02,100", "2020-01-03,50.5", "2020-01-06,51"]
    table.read(csv(*lines), price_column="Close")
    assert (
        "line 3: Close changes by a factor of 1.98" in capsys.readouterr().err
    )


def market(days=400, seed=0):
    return sample.markets(seed, days)[1]


def changed(series, **columns):
    return Series(
        series.ticker,
        series.dates,
        columns.get("prices", series.prices),
        columns.get("bars", series.bars),
    )


@pytest.mark.parametrize("column", range(5))
def test_a_column_that_tells_tomorrow_is_refused(tmp_path, column):
    series = market()
    returns = series.returns()
    bars = series.bars.copy()
    bars[:-1, column] = np.exp(returns[1:])
    with pytest.raises(UserError, match="tells the return of the next day"):
        leaks.refuse(changed(series, bars=bars), tmp_path)


def test_a_column_of_tomorrows_prices_is_refused(tmp_path):
    series = market()
    bars = series.bars.copy()
    bars[:-1, 0] = bars[1:, 3]
    with pytest.raises(UserError, match="'Open' tells"):
        leaks.refuse(changed(series, bars=bars), tmp_path)


@pytest.mark.parametrize("place", range(4))
def test_honest_tables_are_not_refused(tmp_path, place):
    leaks.refuse(sample.markets(0, 1000)[place], tmp_path)


@pytest.mark.real_data
def test_the_published_tables_are_read(public_data):
    for ticker, days in (("AAPL", 3175), ("SPY", 3174), ("GOOG", 2032)):
        series = data.markets(
            "prices", str(public_data("stocks")), ticker, "Date", "Adj Close", 0
        )[0]
        assert len(series.dates) == days
        assert (series.bars > 0).all(1).mean() > 0.99


WINDOW, HORIZON = 20, 5


def split(series, name, test_start=""):
    bounds = data.boundaries((series,), test_start, "")
    return data.origins(series, name, bounds, WINDOW, HORIZON)


def test_between_the_splits_lies_an_embargo():
    series = market()
    train, valid, test = (split(series, n) for n in ("train", "valid", "test"))
    for before, after in ((train, valid), (valid, test)):
        assert after[0] - WINDOW >= before[-1] + HORIZON
    assert train[0] == WINDOW
    assert test[-1] == len(series.dates) - 1 - HORIZON


def test_the_first_day_of_the_test_can_be_chosen():
    series = market()
    day = series.dates[300]
    assert split(series, "test", str(day))[0] == 300
    with pytest.raises(UserError, match="within"):
        split(series, "test", "1990-01-01")
    with pytest.raises(UserError, match="no date"):
        split(series, "test", "yesterday")


def examples(series, name):
    bounds = data.boundaries((series,), "", "")
    return list(data.load((series,), name, bounds, WINDOW, HORIZON, "price"))


def test_an_example_is_a_window_and_what_came_after_it():
    series = market()
    x, y = examples(series, "train")[7]
    last = WINDOW + 7
    np.testing.assert_allclose(
        x["prices"], series.prices[7 : last + 1], rtol=1e-6
    )
    assert x["dates"][-1] == str(series.dates[last]).encode()
    assert y[targets.DAY] == series.dates[last].astype(int)
    moves = np.log(series.prices[last + 1 : last + 6] / series.prices[last])
    np.testing.assert_allclose(targets.values(y), moves, atol=1e-6)


def test_nothing_up_to_a_day_changes_with_what_comes_after_it():
    series = market()
    test = split(series, "test")
    day = test[20]
    rng = np.random.default_rng(0)
    later = np.arange(day + 1, len(series.dates))
    order = np.append(np.arange(day + 1), rng.permutation(later))
    prices, bars = series.prices[order], series.bars[order]
    other = changed(series, prices=prices, bars=bars)
    for name in ("train", "valid", "test"):
        for (x, y), (x2, y2) in zip(
            examples(series, name), examples(other, name)
        ):
            if y[targets.DAY] > series.dates[day].astype(int):
                break
            for key, value in x.items():
                np.testing.assert_array_equal(value, x2[key])
            # The scales come from the window alone.
            np.testing.assert_array_equal(
                targets.scales(y.numpy()), targets.scales(y2.numpy())
            )


@pytest.mark.parametrize("kind", targets.KINDS)
def test_targets_are_what_they_say(kind):
    logs = np.log(market().prices)
    found = targets.of_series(logs, np.array([50]), WINDOW, HORIZON, kind)[0]
    returns = np.diff(logs)[50:55]
    values = {
        "price": np.cumsum(returns),
        "return": returns,
        "volatility": np.abs(returns),
    }[kind]
    np.testing.assert_allclose(found[1 : 1 + HORIZON], values)
    window = np.diff(logs)[50 - WINDOW : 50]
    now = np.median(np.abs(window)) if kind == "volatility" else 0
    assert found[0] == pytest.approx(now)
    if kind != "volatility":
        scale = np.abs(window).mean()
        assert found[1 + HORIZON] == pytest.approx(scale)


def test_days_of_all_tickers_come_by_date():
    series = tuple(sample.markets(0, 300))
    bounds = data.boundaries(series, "", "")
    found = data.load(series, "test", bounds, WINDOW, HORIZON, "price")
    y = np.stack([y for _, y in found.as_numpy_iterator()])
    assert (np.diff(y[:, targets.DAY]) >= 0).all()
    assert y[:4, targets.TICKER].tolist() == [0, 1, 2, 3]
    assert [x["ticker"] for x, _ in found.take(2).as_numpy_iterator()] == [
        b"random_walk",
        b"garch",
    ]


def test_folds_part_the_days_of_the_test():
    series = (market(),)
    bounds = data.boundaries(series, "", "")
    starts = backtest.starts(series, bounds, 4)
    assert starts[0] == bounds[1]
    counts = np.diff(np.searchsorted(series[0].dates, [*starts, bounds[2]]))
    assert counts.tolist() == [25, 25, 25, 25]


def test_unknown_data_sets_and_tickers_are_named(tmp_path):
    def load(dataset, folder="", tickers=""):
        return data.markets(dataset, folder, tickers, "Date", "Close", 0)

    with pytest.raises(UserError, match="use sample or prices"):
        load("bonds")
    with pytest.raises(UserError, match="No ticker 'AAPL': use some of random"):
        load("sample", tickers="AAPL")
    with pytest.raises(UserError, match="No .csv file"):
        load("prices", str(tmp_path))


def test_a_history_shorter_than_the_window_is_named():
    series = (market(15),)
    with pytest.raises(UserError, match="15 days: a --window of 20 needs 21"):
        data.load(
            series, "test", data.boundaries(series, "", ""), 20, 5, "price"
        )


def test_markets_are_the_same_for_the_same_seed_only():
    first, again, other = (market(seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.prices, again.prices)
    assert not np.array_equal(first.prices, other.prices)


@pytest.mark.parametrize("place", range(4))
def test_the_truth_of_a_market_is_true(place):
    series = sample.markets(3, 4000)[place]
    location, scale, freedom = series.truth[:-1].T
    returns = series.returns()[1:]
    deviation = scale * np.sqrt(1 / (1 - 2 / freedom))
    errors = (returns - location) / deviation
    assert abs(errors.mean()) < 0.05
    assert errors.std() == pytest.approx(1, abs=0.06)
    assert abs(np.corrcoef(errors[1:], errors[:-1])[0, 1]) < 0.05
    opens, highs, lows, closes, _ = series.bars.T
    assert (highs >= np.maximum(opens, closes) - 1e-9).all()
    assert (lows <= np.minimum(opens, closes) + 1e-9).all()


def test_holidays_are_those_that_the_exchange_kept():
    """As the NYSE published them for 2012 and 2022."""
    assert {str(day) for day in trading_days.holidays(2012)} == {
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
    days = trading_days.holidays(2022)
    assert datetime.date(2022, 6, 20) in days
    assert datetime.date(2021, 12, 31) not in days


def weekdays(first, last):
    days = np.arange(first, last, dtype="M8[D]")
    return days[np.is_busday(days)]


def test_the_coming_days_are_trading_days():
    days = weekdays("2012-01-01", "2012-12-22")
    coming = trading_days.coming(days, 3).astype(str).tolist()
    assert coming == ["2012-12-24", "2012-12-25", "2012-12-26"]
    kept = [str(day) for day in trading_days.holidays(2012)]
    days = days[~np.isin(days, np.array(kept, "M8[D]"))]
    coming = trading_days.coming(days, 3).astype(str).tolist()
    assert coming == ["2012-12-24", "2012-12-26", "2012-12-27"]


def test_a_market_that_trades_every_day_does_so_in_future():
    days = np.arange("2020-01-01", "2020-03-07", dtype="M8[D]")
    coming = trading_days.coming(days, 2).astype(str).tolist()
    assert coming == ["2020-03-07", "2020-03-08"]


@pytest.mark.real_data
def test_the_published_tables_kept_the_holidays(public_data):
    series = table.read(public_data("stocks") / "AAPL.csv")
    for year in range(2001, 2012):
        for day in trading_days.holidays(year):
            assert np.datetime64(day) not in series.dates


def test_examples_have_a_count():
    series = market()
    bounds = data.boundaries((series,), "", "")
    found = data.load((series,), "test", bounds, WINDOW, HORIZON, "price")
    assert int(found.cardinality()) == len(split(series, "test"))
    assert found.element_spec[0]["bars"].dtype == tf.float32
