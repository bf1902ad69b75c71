"""Forecasts depend on what they should depend on, and on nothing else."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.stock.config import StockConfig
from apps.stock.data import periods
from apps.stock.data import windows as data_windows
from apps.stock.model import features
from apps.stock.model import forecastability
from apps.stock.model import input_cleaning
from apps.stock.model.arguments import Arguments
from apps.stock.model.forecaster import Forecaster
from apps.stock.model.quantiles import INDEX
from tests.apps.stock import markets

WINDOW, HORIZON = 20, 3


def windows(days=WINDOW + 1, count=4):
    """Returns the arguments of `serve`."""
    series = markets.garch(200 + count)
    places = [slice(200 + i - days, 200 + i) for i in range(count)]
    rows = [(series.prices[p], series.bars[p], series.dates[p]) for p in places]
    prices, bars, dates = map(np.stack, zip(*rows))
    return {
        "prices": tf.constant(prices, tf.float32),
        "bars": tf.constant(bars, tf.float32),
        "dates": tf.constant(dates.astype("S10")),
        "ticker": tf.constant(["garch"] * count),
    }


def forecaster(target="price", distribution="student_t"):
    keras.utils.set_random_seed(0)
    arguments = Arguments(
        tickers=["garch"],
        forecastable=[True],
        window=WINDOW,
        horizon=HORIZON,
        target=target,
        distribution=distribution,
        embedding_size=2,
        cell="gru",
        units=4,
        depth=1,
        dropout=0.0,
    )
    model = Forecaster(arguments)
    model(model.reader(**windows())[0])
    return model


@pytest.fixture(scope="module")
def model():
    """Returns a model with random weights, as if it were trained."""
    model = forecaster()
    rng = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(0, 0.1, variable.shape))
    return model


def test_a_new_model_forecasts_as_riskmetrics_does():
    x = windows(count=1)
    outputs = forecaster().serving.forecast(**x)
    returns = np.diff(np.log(x["prices"][0]))
    variance = np.mean(returns**2)
    for move in returns:
        variance = 0.94 * variance + 0.06 * move**2
    expected = np.sqrt(variance * np.arange(1, HORIZON + 1))
    np.testing.assert_allclose(outputs["volatility"][0], expected, rtol=1e-3)
    np.testing.assert_allclose(
        outputs["mean"][0], [x["prices"][0, -1]] * HORIZON
    )


def assert_same(first, second, rtol=1e-4, factor=1.0):
    for name in ("quantiles", "mean"):
        np.testing.assert_allclose(
            factor * first[name], second[name], rtol=rtol
        )


def test_days_before_the_window_do_not_matter(model):
    assert_same(
        model.serve(**windows()), model.serve(**windows(days=60)), rtol=1e-6
    )


def test_the_currency_does_not_matter(model):
    x = windows()
    bars = x["bars"] * tf.constant([7.0, 7, 7, 7, 1])
    converted = dict(x, prices=7 * x["prices"], bars=bars)
    assert_same(model.serve(**x), model.serve(**converted), factor=7.0)


def test_an_invalid_price_counts_as_that_of_the_day_before(model):
    x = windows()
    prices = x["prices"].numpy()
    prices[:, 5] = prices[:, 4]
    expected = model.serve(**dict(x, prices=tf.constant(prices)))
    for invalid in (np.nan, np.inf, 0.0, -3.0):
        prices[:, 5] = invalid
        outputs = model.serve(**dict(x, prices=tf.constant(prices)))
        assert_same(outputs, expected)


def test_a_history_too_short_or_without_a_price_is_refused(model):
    with pytest.raises(tf.errors.InvalidArgumentError, match="21 days or more"):
        model.serve(**windows(days=WINDOW))
    x = windows()
    with pytest.raises(tf.errors.InvalidArgumentError, match="no positive"):
        model.serve(**dict(x, prices=0 * x["prices"]))


def test_bars_dates_and_tickers_may_be_unknown(model):
    x = windows()
    x["bars"], x["dates"] = 0 * x["bars"], tf.fill(x["dates"].shape, "")
    x["ticker"] = tf.fill(x["ticker"].shape, "UNKNOWN")
    for value in model.serve(**x).values():
        assert np.isfinite(value).all()


def test_the_location_of_an_unforecastable_market_does_not_move(model):
    inputs, _ = model.reader(**windows())
    assert np.all(model(inputs)[..., 0] != 0)
    unknown = dict(inputs, ticker=tf.fill(inputs["ticker"].shape, -1))
    np.testing.assert_array_equal(model(unknown)[..., 0], 0)


def test_arguments_survive_the_config(model):
    copy = Forecaster.from_config(model.get_config())
    assert copy.arguments == model.arguments


def assert_paths_have(levels, paths):
    assert paths.shape == (*levels.shape[:1], 4000, HORIZON)
    for level in (0.1, 0.5, 0.9):
        below = paths < levels[:, None, :, INDEX[level]]
        np.testing.assert_allclose(below.mean(1), level, atol=0.03)


@pytest.mark.extended
def test_paths_have_the_distribution_that_serve_returns(model):
    x = windows(count=2)
    levels = model.serve(**x)["quantiles"].numpy()
    paths = model.paths(**x, count=4000, seed=1)["paths"].numpy()
    assert_paths_have(levels, paths)


def test_paths_of_the_volatility_have_the_forecast_quantiles():
    # Without a graph, which would only be compiled for this.
    serving, x = forecaster("volatility", "quantiles").serving, windows(count=2)
    levels = serving.forecast(**x)["quantiles"].numpy()
    paths = serving.draw_paths(**x, count=4000, seed=1)["paths"].numpy()
    assert (paths >= 0).all()
    assert_paths_have(levels, paths)


def test_day_numbers_are_those_of_the_calendar():
    dates = ["1970-01-01", "2000-02-29", "2012-09-12 16:00", "2100-03-01"]
    numbers, known = input_cleaning.day_numbers(
        tf.constant([*dates, "12/9/2012"])
    )
    expected = [np.datetime64(date[:10]).astype(int) for date in dates]
    assert numbers.numpy()[:4].tolist() == expected
    assert known.numpy().tolist() == [True] * 4 + [False]


def test_coming_days_have_their_weekdays():
    friday, sunday = tf.constant([4, 4, -1]), tf.constant([False, True, False])
    weekdays = features.coming(friday, sunday, 2).numpy()[..., :7]
    assert weekdays[0].argmax(1).tolist() == [0, 1]
    assert weekdays[1].argmax(1).tolist() == [5, 6]
    assert not weekdays[2].any()


@pytest.mark.parametrize("seed", range(10))
def test_a_random_walk_is_not_forecastable(seed):
    rng = np.random.default_rng(seed)
    inputs, values = rng.standard_normal([1500, 20]), rng.standard_normal(1502)
    sums = np.stack([values[:-2], values[1:-1] + values[:-2]], 1)
    assert not forecastability.is_forecastable(inputs, sums, 30)


def test_a_linear_dependence_is_forecastable():
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal([1500, 20])
    values = 0.5 * inputs[:, :1] + rng.standard_normal([1500, 1])
    assert forecastability.is_forecastable(inputs, values, 30)


def test_windows_close_to_a_part_do_not_forecast_it():
    """Windows on both sides of the four bounds look alike, and no others."""
    block = (np.arange(250) + 25) // 50  # The parts begin at 0, 50, 100 ...
    inputs = np.eye(6)[block][:, 1:5]
    values = np.where(block % 2, 1.0, -1.0)[:, None]
    assert forecastability.is_forecastable(inputs, values, 0)
    assert not forecastability.is_forecastable(inputs, values, 50)


@pytest.mark.extended
def test_the_parts_of_the_training_windows_share_no_day(monkeypatch):
    gaps = []
    monkeypatch.setattr(
        forecastability,
        "is_forecastable",
        lambda features, targets, gap: gaps.append(gap) or True,
    )
    config = StockConfig(window=WINDOW, horizon=HORIZON, units=4)
    market = (markets.garch(),)
    train = data_windows.examples(
        market, "train", periods.choose(market), WINDOW, HORIZON, "price"
    )
    Forecaster.create(config, train, 1)
    assert gaps == [WINDOW + HORIZON]
