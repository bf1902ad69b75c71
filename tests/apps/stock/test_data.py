"""Splits keep the future from the past; targets are what they should be."""

import numpy as np
import pytest
import tensorflow as tf

from apps.stock.config import StockConfig
from apps.stock.data import DATASETS
from apps.stock.data import periods
from apps.stock.data import simulation
from apps.stock.data import targets
from apps.stock.data import windows
from common.data import dataset
from common.data.records import BadRecords
from common.errors import UserError
from tests.apps.stock import markets

WINDOW, HORIZON = 20, 5


def open_dataset(tmp_path, name="sample", **options):
    config = StockConfig(
        dataset=name, window=WINDOW, horizon=HORIZON, **options
    )
    chosen = dataset.find(DATASETS, name)
    return chosen(config, BadRecords(tmp_path / "bad_records.csv", 0.0))


@pytest.mark.real_data
def test_the_published_tables_are_read(public_data, tmp_path):
    prices = open_dataset(
        tmp_path, "prices", data_dir=str(public_data("stocks"))
    )
    days = {s.ticker: len(s.dates) for s in prices.series}
    assert days == {"AAPL": 3175, "GOOG": 2032, "SPY": 3174}
    for series in prices.series:
        assert (series.bars > 0).all(1).mean() > 0.99


def test_unknown_data_sets_and_tickers_are_refused(tmp_path):
    with pytest.raises(UserError, match="'bonds': use sample, prices"):
        open_dataset(tmp_path, "bonds")
    with pytest.raises(UserError, match="No ticker 'AAPL': choose from random"):
        assert open_dataset(tmp_path, tickers="AAPL").series
    with pytest.raises(UserError, match="No .csv file"):
        assert open_dataset(tmp_path, "prices", data_dir=str(tmp_path)).series


def write_long_table(tmp_path, *series):
    """Writes a table of several tickers."""
    lines = [f"{markets.HEADER},Name"]
    for market in series:
        rows = markets.write_csv(market, tmp_path).read_text().splitlines()
        lines += [f"{row},{market.ticker}" for row in rows[1:]]
    path = tmp_path / "all_stocks.csv"
    path.write_text("\n".join(lines))
    return path


def test_a_table_of_several_tickers_is_a_data_set(tmp_path, capsys):
    garch = markets.garch(200)
    ipo = markets.last_days(garch, "ipo", 2)
    path = write_long_table(tmp_path, garch, markets.flat(garch), ipo)
    prices = open_dataset(tmp_path, "prices", data_dir=str(path))
    assert [s.ticker for s in prices.series] == ["flat", "garch"]
    np.testing.assert_allclose(prices.series[1].prices, garch.prices)
    assert "ipo has 0 days before the test" in capsys.readouterr().err
    prices = open_dataset(
        tmp_path, "prices", data_dir=str(path), tickers="flat"
    )
    assert [s.ticker for s in prices.series] == ["flat"]
    # In a folder, it does not say which of its tickers are meant.
    with pytest.raises(UserError, match=r"all_stocks\.csv has the prices of 3"):
        assert open_dataset(tmp_path, "prices", data_dir=str(tmp_path)).series


@pytest.mark.parametrize("days", [40, 65])
def test_a_ticker_that_begins_too_late_is_left_out(days):
    garch = markets.garch(200)  # The test begins with the last 50 days.
    ipo = markets.last_days(garch, "ipo", days)
    kept, sentences = periods.with_history((garch, ipo), WINDOW, HORIZON)
    assert kept == (garch,)
    assert sentences == [
        f"ipo has {max(0, days - 50)} days before the test, which begins on "
        f"{garch.dates[150]}: 30 are needed; it is left out."
    ]
    early = markets.last_days(garch, "early", 80)
    kept, sentences = periods.with_history((garch, early), WINDOW, HORIZON)
    assert kept == (garch, early)
    assert not sentences
    with pytest.raises(UserError, match="No ticker has 30 days before the"):
        periods.with_history((markets.garch(30),), WINDOW, HORIZON)


@pytest.mark.parametrize("days", [0, 1])
def test_a_ticker_of_less_than_two_days_is_left_out(days):
    garch = markets.garch(200)
    new = markets.changed(
        garch,
        ticker="new",
        dates=garch.dates[:days],
        prices=garch.prices[:days],
        bars=garch.bars[:days],
    )
    kept, sentences = periods.with_history((garch, new), WINDOW, HORIZON)
    assert kept == (garch,)
    assert sentences == [
        f"new has {days} days with a price: at least 2 are needed; it is left "
        "out."
    ]
    with pytest.raises(UserError, match="No ticker has 30 days before the"):
        periods.with_history((new,), WINDOW, HORIZON)


def test_tickers_are_read_in_the_order_given(tmp_path):
    sample = open_dataset(tmp_path, tickers="seasonal,garch")
    assert [s.ticker for s in sample.series] == ["seasonal", "garch"]
    np.testing.assert_array_equal(
        sample.series[1].prices, simulation.market("garch", 0).prices
    )


def origins(series, split, test_start=""):
    chosen = periods.choose((series,), test_start)
    return chosen.origins(series, split, WINDOW, HORIZON)


def test_an_embargo_separates_the_splits():
    series = markets.garch()
    train, valid, test = (
        origins(series, split) for split in ("train", "valid", "test")
    )
    for before, after in ((train, valid), (valid, test)):
        assert after[0] - WINDOW >= before[-1] + HORIZON
    assert train[0] == WINDOW
    assert test[-1] == len(series.dates) - 1 - HORIZON


def test_the_first_day_of_the_test_can_be_chosen():
    series = markets.garch()
    day = series.dates[300]
    assert origins(series, "test", str(day))[0] == 300
    with pytest.raises(UserError, match="within"):
        origins(series, "test", "1990-01-01")
    with pytest.raises(UserError, match="not a date"):
        origins(series, "test", "yesterday")


def test_the_end_of_the_test_can_be_chosen():
    series = markets.garch()
    chosen = periods.choose((series,), test_end=str(series.dates[350]))
    test = chosen.origins(series, "test", WINDOW, HORIZON)
    assert test[-1] == 349
    with pytest.raises(UserError, match="within"):
        periods.choose((series,), test_end=str(series.dates[200]))


def test_folds_divide_the_days_of_the_test():
    series = (markets.garch(),)
    chosen = periods.choose(series)
    starts = periods.fold_starts(series, chosen, 4)
    assert starts[0] == chosen.test_start
    edges = [*starts, chosen.test_end]
    counts = np.diff(np.searchsorted(series[0].dates, edges))
    assert counts.tolist() == [25, 25, 25, 25]
    chosen = periods.choose(series, test_end=str(series[0].dates[380]))
    starts = periods.fold_starts(series, chosen, 4)
    places = np.searchsorted(series[0].dates, starts)
    assert places.tolist() == [300, 320, 340, 360]


def test_blocks_count_only_days_with_examples():
    days = np.array([3, 3, 4, 9, 10, 12])
    assert periods.blocks(days, 2).tolist() == [0, 0, 0, 1, 1, 2]


def examples(series, split):
    return windows.examples(
        series, split, periods.choose(series), WINDOW, HORIZON, "price"
    )


def arrays(series, split):
    return list(examples((series,), split).as_numpy_iterator())


def test_an_example_is_a_window_and_the_days_after_it():
    series = markets.garch()
    x, y = arrays(series, "train")[7]
    last = WINDOW + 7
    np.testing.assert_allclose(
        x["prices"], series.prices[7 : last + 1], rtol=1e-6
    )
    assert x["dates"][-1] == str(series.dates[last]).encode()
    assert y["day"] == series.dates[last].astype(int)
    moves = np.log(series.prices[last + 1 : last + 6] / series.prices[last])
    np.testing.assert_allclose(y["values"], moves, atol=1e-6)


def test_the_number_of_examples_is_known():
    series = markets.garch()
    test = examples((series,), "test")
    assert int(test.cardinality()) == len(origins(series, "test"))
    assert test.element_spec[0]["bars"].dtype == tf.float32


def test_later_days_do_not_change_earlier_examples():
    series = markets.garch()
    day = origins(series, "test")[20]
    rng = np.random.default_rng(0)
    later = np.arange(day + 1, len(series.dates))
    order = np.append(np.arange(day + 1), rng.permutation(later))
    shuffled = markets.changed(
        series, prices=series.prices[order], bars=series.bars[order]
    )
    compared = 0
    for split in ("train", "valid", "test"):
        for (x, y), (x2, y2) in zip(
            arrays(series, split), arrays(shuffled, split)
        ):
            if y["day"] > series.dates[day].astype(int):
                break
            for name, value in x.items():
                np.testing.assert_array_equal(value, x2[name])
            # The scales come from the window alone.
            np.testing.assert_array_equal(y["scales"], y2["scales"])
            compared += split == "test"
    assert compared == 21


@pytest.mark.parametrize("kind", targets.KINDS)
def test_targets_are_computed_from_the_returns(kind):
    logs = np.log(markets.garch().prices)
    y = targets.of_series(logs, np.array([50]), WINDOW, HORIZON, kind)
    returns = np.diff(logs)[50:55]
    values = {
        "price": np.cumsum(returns),
        "return": returns,
        "volatility": np.abs(returns),
    }[kind]
    np.testing.assert_allclose(y["values"][0], values, rtol=1e-6)
    window = np.diff(logs)[50 - WINDOW : 50]
    now = np.median(np.abs(window)) if kind == "volatility" else 0
    assert y["now"][0] == pytest.approx(now)
    if kind != "volatility":
        scale = np.abs(window).mean()
        assert y["scales"][0, 0] == pytest.approx(scale)


def test_examples_are_ordered_by_day_and_ticker():
    series = tuple(simulation.market(m, 0, 300) for m in simulation.MARKETS)
    test = list(examples(series, "test").as_numpy_iterator())
    days = np.array([y["day"] for _, y in test])
    assert (np.diff(days) >= 0).all()
    assert [y["ticker"] for _, y in test[:4]] == [0, 1, 2, 3]
    assert [x["ticker"] for x, _ in test[:2]] == [b"random_walk", b"garch"]


def test_a_history_shorter_than_the_window_is_refused():
    series = (markets.garch(15),)
    with pytest.raises(
        UserError, match="15 days: a --window of 20 needs .* 21"
    ):
        examples(series, "test")


def test_markets_are_the_same_for_the_same_seed_only():
    first, second, third = (markets.garch(seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.prices, second.prices)
    assert not np.array_equal(first.prices, third.prices)


@pytest.mark.parametrize("name", simulation.MARKETS)
def test_the_truth_of_a_market_fits_its_returns(name):
    series = simulation.market(name, 3)
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
