"""Baselines are fitted correctly, and to the past alone."""

import numpy as np
import pytest
from arch import arch_model

from apps.stock.baselines import arima
from apps.stock.baselines import forecasts
from apps.stock.baselines import ranges
from apps.stock.baselines import smoothing
from apps.stock.baselines import volatility
from apps.stock.data import simulation
from apps.stock.data import targets
from apps.stock.evaluation import scores
from tests import variants
from tests.apps.stock import markets

WINDOW, HORIZON = 20, 3


def test_ewma_and_garch_follow_their_recursions():
    returns = markets.garch(1500).returns()
    ewma = volatility.ewma(returns**2)
    assert ewma[9] == pytest.approx(0.94 * ewma[8] + 0.06 * returns[9] ** 2)
    variances = volatility.garch(returns, 1000, 3)
    model = arch_model(100 * returns[1:], mean="Zero", dist="t", rescale=False)
    fit = model.fit(disp="off", last_obs=999)
    expected = model.fix(fit.params).forecast(horizon=3, start=900).variance
    np.testing.assert_allclose(
        1e4 * variances[901:], expected.to_numpy(), rtol=0.01
    )


def test_the_range_of_a_day_tells_its_variance_better_than_its_return():
    market = simulation.market("random_walk", 0, 3000)
    true = simulation.VOLATILITY**2
    estimates = ranges.variances(market)[1:]
    assert estimates.mean() == pytest.approx(true, rel=0.05)
    assert estimates.std() < 0.5 * (market.returns() ** 2).std()


def test_the_variance_of_a_day_counts_the_night_but_no_split():
    market = markets.garch(100)
    bars = market.bars.copy()
    bars[50:, :4] *= 0.25
    split = ranges.variances(markets.changed(market, bars=bars))
    np.testing.assert_allclose(split, ranges.variances(market))
    bars = market.bars.copy()
    bars[60, :4] = bars[60, 3]  # All of the move is at night.
    at_night = ranges.variances(markets.changed(market, bars=bars))
    assert at_night[60] == pytest.approx(market.returns()[60] ** 2)


def test_without_bars_the_variance_of_a_day_is_its_squared_return():
    market = markets.changed(markets.garch(100), bars=np.zeros([100, 5]))
    np.testing.assert_array_equal(
        ranges.variances(market), market.returns() ** 2
    )


def test_log_har_finds_the_weights_of_day_week_and_month():
    logs = list(np.random.default_rng(0).standard_normal(22) - 9)
    for _ in range(100):
        means = [np.mean(logs[-days:]) for days in (1, 5, 22)]
        logs.append(-1 + np.dot([0.4, 0.3, 0.2], means))
    forecast = ranges.log_har(np.exp(logs), 60, 2)
    np.testing.assert_allclose(np.log(forecast[60:-1, 0]), logs[61:], atol=1e-4)
    assert forecast.shape == (122, 2)


@pytest.mark.parametrize(
    ("name", "module", "low", "high"),
    [
        ("seasonal", smoothing, 0.5, 1.0),
        pytest.param(
            *("reverting", arima, 0.03, 1.0), marks=pytest.mark.extended
        ),
        pytest.param(
            *("random_walk", arima, -0.03, 0.03), marks=pytest.mark.extended
        ),
    ],
)
def test_linear_models_forecast_only_forecastable_markets(
    name, module, low, high
):
    logs = np.log(simulation.market(name, 0, 1100).prices)
    origins = np.arange(600, 1090)
    changes = module.forecasts(logs, 600, 2)[origins, 1]
    moves = logs[origins + 2] - logs[origins]
    gain = 1 - np.mean((moves - changes) ** 2) / np.mean(moves**2)
    assert low < gain < high


@pytest.mark.parametrize("kind", ["price", "volatility"])
def test_baselines_do_not_use_later_days(kind, monkeypatch):
    monkeypatch.setattr(arima, "ORDERS", arima.ORDERS[:2])
    monkeypatch.setattr(smoothing, "FORMS", smoothing.FORMS[:2])
    series = markets.garch(500)
    origins = np.arange(400, 450)
    y = {
        "day": series.dates[origins].astype(int),
        "ticker": np.zeros(50, int),
        **targets.of_series(
            np.log(series.prices), origins, WINDOW, HORIZON, kind
        ),
    }
    starts = series.dates[[400, 425]]
    first = forecasts.forecasts((series,), y, starts, kind)
    prices = series.prices.copy()
    prices[425:] *= np.linspace(1.1, 3, 75)
    bars = series.bars * prices[:, None] / series.prices[:, None]
    bars[425:, 1] *= 1.1
    changed = markets.changed(series, prices=prices, bars=bars)
    second = forecasts.forecasts((changed,), y, starts, kind)
    for name, parameters in first.items():
        for key, values in parameters.items():
            np.testing.assert_allclose(
                values[:25], second[name][key][:25], err_msg=name
            )
            assert np.isfinite(values).all()
            assert key == "location" or (values > 0).all()
    # Nor does the calibration of a fold: it ends before its first day.
    for name, parameters in first.items():
        np.testing.assert_array_equal(
            parameters["freedom"], second[name]["freedom"], err_msg=name
        )
    walks = [run["random walk"]["scale"] for run in (first, second)]
    np.testing.assert_array_equal(*walks)


@pytest.mark.parametrize("kind", ["price", "volatility"])
@pytest.mark.parametrize(
    "still",
    variants.extended(
        [slice(0, 300), slice(0, 240), slice(240, 300)], slice(0, 240)
    ),
)
def test_baselines_of_a_price_that_does_not_move_are_finite(still, kind):
    series = markets.garch(300)
    prices, bars = series.prices.copy(), np.zeros([300, 5])
    prices[still] = prices[still.start]
    series = markets.changed(series, prices=prices, bars=bars)
    origins = np.arange(240, 290)
    y = {
        "day": series.dates[origins].astype(int),
        "ticker": np.zeros(50, int),
        **targets.of_series(np.log(prices), origins, WINDOW, HORIZON, kind),
    }
    by_name = forecasts.forecasts((series,), y, series.dates[[240]], kind)
    for name, parameters in by_name.items():
        statistics = scores.per_example(y, parameters, kind)
        for metric, value in scores.aggregate(statistics, HORIZON).items():
            assert np.isfinite(value), (name, metric)
