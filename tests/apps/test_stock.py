"""Forecasts are distributions, baselines are strong, verdicts are honest."""

import json

import keras
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import tensorflow as tf
from arch import arch_model

from apps.stock import baseline
from apps.stock import distributions
from apps.stock import features
from apps.stock import history
from apps.stock import linear
from apps.stock import losses
from apps.stock import predictability
from apps.stock import sample
from apps.stock import scores
from apps.stock import significance
from apps.stock import student_t
from apps.stock import targets
from apps.stock import verdict
from apps.stock.__main__ import Stock
from apps.stock.model import Forecaster
from common import runner

WINDOW, HORIZON = 20, 3
T = np.array([0.1, 0.5, 4.0])
VALUES = np.array([-2.0, -0.3, 0.1, 0.8, 3.0])


def test_quantiles_of_the_student_t_are_scipys():
    for freedom in (2.3, 4.0, 80.0):
        parameters = np.array([0.1, 0.5, freedom], np.float32)
        whole, half = (
            distributions.named("student_t", target).quantiles(parameters)
            for target in ("price", "volatility")
        )
        expected = scipy.stats.t.ppf(
            [distributions.LEVELS, (1 + distributions.LEVELS) / 2], freedom
        )
        np.testing.assert_allclose(whole, 0.1 + 0.5 * expected[0], atol=1e-3)
        np.testing.assert_allclose(half, 0.1 + 0.5 * expected[1], atol=2e-3)


def test_density_mean_and_deviation_are_scipys():
    of = distributions.named("student_t", "price")
    frozen = scipy.stats.t(4.0, 0.1, 0.5)
    np.testing.assert_allclose(
        of.log_density(T, VALUES), frozen.logpdf(VALUES), rtol=1e-6
    )
    assert float(of.mean(T)) == pytest.approx(frozen.mean())
    assert float(of.deviation(T)) == pytest.approx(frozen.std())


def test_the_size_of_a_move_has_the_density_of_both_signs():
    of = distributions.named("student_t", "volatility")
    centred = np.array([0.0, 0.5, 4.0])
    frozen = scipy.stats.t(4.0, 0.0, 0.5)
    np.testing.assert_allclose(
        of.log_density(centred, 0.7), np.log(2 * frozen.pdf(0.7)), rtol=1e-6
    )
    mean, _ = scipy.integrate.quad(lambda x: 2 * x * frozen.pdf(x), 0, np.inf)
    assert float(of.mean(centred)) == pytest.approx(mean, rel=1e-5)


def crps_by_integration(cdf, value):
    below, _ = scipy.integrate.quad(lambda x: cdf(x) ** 2, -np.inf, value)
    above, _ = scipy.integrate.quad(lambda x: (1 - cdf(x)) ** 2, value, np.inf)
    return below + above


@pytest.mark.parametrize("freedom", [2.3, 5.0, np.inf])
def test_the_crps_is_its_integral(freedom):
    cdf = scipy.stats.norm(0.1, 0.5).cdf
    if np.isfinite(freedom):
        cdf = scipy.stats.t(freedom, 0.1, 0.5).cdf
    found = student_t.crps(np.array([0.1, 0.5, freedom]), VALUES)
    expected = [crps_by_integration(cdf, value) for value in VALUES]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_the_crps_of_quantiles_is_about_that_of_the_distribution():
    quantiles = scipy.stats.norm.ppf(distributions.LEVELS)
    values = scipy.stats.norm.ppf(np.linspace(0.01, 0.99, 99))
    found = distributions.crps(
        tf.constant(quantiles[None], tf.float32),
        tf.constant(values, tf.float32),
    )
    exact = student_t.crps(np.array([0.0, 1.0, np.inf]), values)
    assert np.mean(found) == pytest.approx(exact.mean(), rel=0.01)


def test_a_density_by_quantiles_has_the_integral_one():
    quantiles = scipy.stats.t.ppf(distributions.LEVELS, 4)
    values = np.linspace(-40, 40, 80_001)
    density = np.exp(student_t.log_density(quantiles, values))
    assert np.trapezoid(density, values) == pytest.approx(1, abs=1e-3)


def test_a_fitted_student_t_is_the_one_that_was_drawn_from():
    rng = np.random.default_rng(0)
    errors = np.stack(
        [0.02 * rng.standard_t(4, 5000), 3 * rng.standard_normal(5000)], 1
    )
    (scale, freedom), (wide, normal) = student_t.fit(errors)
    assert scale == pytest.approx(0.02, rel=0.05)
    assert 3 <= freedom <= 6
    assert wide == pytest.approx(3, rel=0.05)
    assert normal >= 30


@pytest.mark.parametrize("target", targets.KINDS)
@pytest.mark.parametrize("name", ["student_t", "quantiles"])
def test_no_quantiles_cross_whatever_the_network_says(name, target):
    of = distributions.named(name, target)
    rng = np.random.default_rng(0)
    raw = rng.normal(0, 5, [500, of.size]).astype("f4")
    quantiles = of.quantiles(of.parameters(raw)).numpy()
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    if target == "volatility":
        assert (quantiles >= 0).all()


@pytest.mark.parametrize("name", ["student_t", "quantiles"])
def test_zeros_mean_a_unit_of_volatility(name):
    of = distributions.named(name, "price")
    parameters = of.parameters(np.zeros([1, of.size], "f4"))
    assert float(of.deviation(parameters)[0]) == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("loss", ["likelihood", "crps"])
def test_a_loss_is_least_for_the_distribution_that_was_drawn_from(loss):
    rng = np.random.default_rng(0)
    y = tf.constant(0.5 * rng.standard_t(5, [4000, 1]), tf.float32)
    of = losses.LOSSES[loss]("student_t", "price")
    found = [
        float(of(y, tf.constant([[[location, scale, 5.0]]]) + 0 * y[..., None]))
        for location, scale in ((0, 0.5), (0, 0.4), (0, 0.6), (0.1, 0.5))
    ]
    assert min(found) == found[0]


def windows(days=WINDOW + 1, count=4, seed=0):
    """Returns the arguments of `serve`."""
    series = sample.markets(seed, 200 + count)[1]
    places = [slice(200 + i - days, 200 + i) for i in range(count)]
    rows = [(series.prices[p], series.bars[p], series.dates[p]) for p in places]
    prices, bars, dates = map(np.stack, zip(*rows))
    return {
        "prices": tf.constant(prices, tf.float32),
        "bars": tf.constant(bars, tf.float32),
        "dates": tf.constant(dates.astype("S10")),
        "ticker": tf.constant(["garch"] * count),
    }


def forecaster(target="price", distribution="student_t", **options):
    keras.utils.set_random_seed(0)
    model = Forecaster(
        ["garch"],
        [True],
        WINDOW,
        HORIZON,
        target,
        distribution,
        embedding_size=2,
        cell="gru",
        units=4,
        depth=1,
        dropout=0.0,
        **options,
    )
    model(model.inputs(**windows())[0])
    return model


def test_before_training_it_forecasts_as_riskmetrics_does():
    model, x = forecaster(), windows(count=1)
    found = model.serve(**x)
    returns = np.diff(np.log(x["prices"][0]))
    variance = np.mean(returns**2)
    for move in returns:
        variance = 0.94 * variance + 0.06 * move**2
    expected = np.sqrt(variance * np.arange(1, HORIZON + 1))
    np.testing.assert_allclose(found["volatility"][0], expected, rtol=1e-3)
    np.testing.assert_allclose(found["mean"][0], [x["prices"][0, -1]] * HORIZON)


def stirred(model):
    """Returns the model with other weights, as if it was trained."""
    rng = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(0, 0.1, variable.shape))
    return model


@pytest.fixture(scope="module")
def model():
    return stirred(forecaster())


def same(first, second, rtol=1e-4, factor=1.0):
    for name in ("quantiles", "mean"):
        np.testing.assert_allclose(
            factor * first[name], second[name], rtol=rtol
        )


def test_days_before_the_window_change_nothing(model):
    same(model.serve(**windows()), model.serve(**windows(days=60)), rtol=1e-6)


def test_the_currency_changes_nothing(model):
    x = windows()
    bars = x["bars"] * tf.constant([7.0, 7, 7, 7, 1])
    other = dict(x, prices=7 * x["prices"], bars=bars)
    same(model.serve(**x), model.serve(**other), factor=7.0)


def test_a_day_without_a_price_keeps_that_of_the_day_before(model):
    x = windows()
    prices = x["prices"].numpy()
    prices[:, 5] = prices[:, 4]
    expected = model.serve(**dict(x, prices=tf.constant(prices)))
    for odd in (np.nan, np.inf, 0.0, -3.0):
        prices[:, 5] = odd
        same(model.serve(**dict(x, prices=tf.constant(prices))), expected)


def test_too_short_a_history_and_one_without_a_price_are_refused(model):
    with pytest.raises(tf.errors.InvalidArgumentError, match="21 days or more"):
        model.serve(**windows(days=WINDOW))
    x = windows()
    with pytest.raises(tf.errors.InvalidArgumentError, match="no positive"):
        model.serve(**dict(x, prices=0 * x["prices"]))


def test_bars_dates_and_tickers_may_be_unknown(model):
    x = windows()
    x["bars"], x["dates"] = 0 * x["bars"], tf.fill(x["dates"].shape, "")
    x["ticker"] = tf.fill(x["ticker"].shape, "nobody")
    for value in model.serve(**x).values():
        assert np.isfinite(value).all()


def test_a_market_that_cannot_be_forecast_keeps_its_price(model):
    inputs, _ = model.inputs(**windows())
    assert np.all(model(inputs)[..., 0] != 0)
    other = dict(inputs, ticker=tf.fill(inputs["ticker"].shape, -1))
    np.testing.assert_array_equal(model(other)[..., 0], 0)


@pytest.mark.parametrize(
    ("target", "distribution"),
    [("price", "student_t"), ("volatility", "quantiles")],
)
def test_paths_have_the_distribution_that_is_told(target, distribution):
    model, x = forecaster(target, distribution), windows(count=2)
    levels = model.serve(**x)["quantiles"].numpy()
    drawn = model.paths(**x, count=4000, seed=1)["paths"].numpy()
    assert drawn.shape == (2, 4000, HORIZON)
    for level in (0.1, 0.5, 0.9):
        place = distributions.PLACES[level]
        np.testing.assert_allclose(
            (drawn < levels[:, None, :, place]).mean(1), level, atol=0.03
        )


def test_the_days_of_dates_are_those_of_the_calendar():
    dates = ["1970-01-01", "2000-02-29", "2012-09-12 16:00", "2100-03-01"]
    numbers, known = history.day_numbers(tf.constant([*dates, "12/9/2012"]))
    expected = [np.datetime64(date[:10]).astype(int) for date in dates]
    assert numbers.numpy()[:4].tolist() == expected
    assert known.numpy().tolist() == [True] * 4 + [False]


def test_the_coming_days_have_their_weekdays():
    friday, sunday = tf.constant([4, 4, -1]), tf.constant([False, True, False])
    found = features.coming(friday, sunday, 2).numpy()[..., :7]
    assert found[0].argmax(1).tolist() == [0, 1]
    assert found[1].argmax(1).tolist() == [5, 6]
    assert not found[2].any()


def test_ewma_and_garch_are_their_recursions():
    returns = sample.markets(0, 1500)[1].returns()
    found = baseline.ewma(returns)
    assert found[9] == pytest.approx(0.94 * found[8] + 0.06 * returns[9] ** 2)
    variances = baseline.garch(returns, 1000, 3)
    model = arch_model(100 * returns[1:], mean="Zero", dist="t", rescale=False)
    fit = model.fit(disp="off", last_obs=999)
    expected = model.fix(fit.params).forecast(horizon=3, start=900).variance
    np.testing.assert_allclose(
        1e4 * variances[901:], expected.to_numpy(), rtol=0.01
    )


def test_linear_forecasts_find_what_is_there():
    walk, _, seasonal, reverting = (
        np.log(s.prices) for s in sample.markets(0, 1500)
    )
    origins = np.arange(1000, 1490)

    def gain(logs, forecast):
        ahead = forecast(logs, 1000, 2)[origins, 1]
        moves = logs[origins + 2] - logs[origins]
        return 1 - np.mean((moves - ahead) ** 2) / np.mean(moves**2)

    assert gain(seasonal, linear.smoothing) > 0.5
    assert gain(reverting, linear.arima) > 0.03
    assert abs(gain(walk, linear.arima)) < 0.03


@pytest.mark.parametrize("kind", ["price", "volatility"])
def test_baselines_know_nothing_of_what_comes_after(kind, monkeypatch):
    monkeypatch.setattr(linear, "ORDERS", linear.ORDERS[:2])
    series = sample.markets(0, 500)[1]
    origins = np.arange(400, 450)
    found = targets.of_series(
        np.log(series.prices), origins, WINDOW, HORIZON, kind
    )
    days = series.dates[origins].astype(int)
    y = np.column_stack([days, np.zeros(50), found])
    starts = series.dates[[400, 425]]
    first = baseline.forecasts((series,), y, starts, kind)
    prices = series.prices.copy()
    prices[430:] *= np.linspace(1, 3, 70)
    other = sample.Series(series.ticker, series.dates, prices, series.bars)
    second = baseline.forecasts((other,), y, starts, kind)
    for name, told in first.items():
        np.testing.assert_allclose(told[:30], second[name][:30], err_msg=name)
        assert np.isfinite(told).all()
        assert (told[..., 1:] > 0).all()


def test_the_test_of_diebold_and_mariano_has_its_size():
    rejected = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        noise = rng.standard_normal(405)
        gains = noise[4:] + noise[3:-1] + noise[2:-2]  # They overlap.
        days = np.arange(len(gains))
        rejected += significance.diebold_mariano(gains, days, 3)[1] < 0.05
    assert 5 <= rejected <= 33


def test_a_clear_gain_is_significant_and_none_is_not():
    days = np.repeat(np.arange(200), 2)
    gains = 0.5 + np.random.default_rng(0).standard_normal(400)
    gain, p = significance.diebold_mariano(gains, days, 1)
    assert gain == pytest.approx(gains.mean())
    assert p < 1e-6
    assert significance.diebold_mariano(0 * gains, days, 1) == (0.0, 1.0)


def test_the_binomial_interval_is_that_of_clopper_and_pearson():
    expected = scipy.stats.binomtest(55, 100).proportion_ci(method="exact")
    found = significance.binomial_interval(55, 100)
    np.testing.assert_allclose(found, expected)
    assert significance.binomial_interval(0, 10)[0] == 0
    assert significance.binomial_interval(10, 10)[1] == 1


@pytest.mark.parametrize("seed", range(10))
def test_a_random_walk_is_never_taken_for_one_that_can_be_forecast(seed):
    rng = np.random.default_rng(seed)
    inputs, values = rng.standard_normal([1500, 20]), rng.standard_normal(1502)
    sums = np.stack([values[:-2], values[1:-1] + values[:-2]], 1)
    assert not predictability.forecastable(inputs, sums, 30)


def test_what_can_be_forecast_is_seen():
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal([1500, 20])
    values = 0.5 * inputs[:, :1] + rng.standard_normal([1500, 1])
    assert predictability.forecastable(inputs, values, 30)


def judged(gain):
    """Returns a verdict on a model that knows a share of each move."""
    series = sample.markets(0, 600)[:1]
    origins = np.arange(100, 590)
    found = targets.of_series(
        np.log(series[0].prices), origins, WINDOW, HORIZON, "price"
    )
    days = series[0].dates[origins].astype(int)
    y = np.column_stack([days, np.zeros(len(days)), found]).astype("f4")
    values = targets.values(y)

    def told(share):
        outputs = {
            "location": share * values,
            "scale": np.full_like(values, 0.01),
            "freedom": np.full_like(values, 9.0),
        }
        return scores.measure(y, outputs, "price")

    others = {"random walk": told(0.0), "EWMA": told(-0.1)}
    return verdict.conclude(y, told(gain), others, tuple(series), "price", 0)


def test_the_verdict_says_who_is_better():
    said = " ".join(judged(0.2)["verdict"])
    assert "on price: better than a random walk (skill 0.2" in said
    assert "on volatility: better than random walk by" in said
    assert "direction: right on 100.0%" in said
    said = " ".join(judged(0.0)["verdict"])
    assert "on price: not better than a random walk (skill 0.00 … 0.00" in said
    assert "direction: not told" in said
    assert "on price: not better" in " ".join(judged(-0.2)["verdict"])


def test_the_truth_of_a_simulated_market_is_scored():
    found = judged(0.0)["tickers"]["random_walk"]
    assert found["crps_of_truth"] == pytest.approx(found["crps"], rel=0.05)
    assert set(found["baselines"]) == {"random walk", "EWMA"}
    tests = judged(0.2)["diebold_mariano"]
    assert tests["EWMA"]["gain"] > tests["random walk"]["gain"] > 0
    assert tests["random walk"]["p"] < 1e-6


def test_scores_have_the_names_that_are_promised():
    names = set(judged(0.0)["tickers"]["random_walk"])
    for name in (
        "crps",
        "mase",
        "rmse",
        "log_score",
        "direction_accuracy",
        *(f"coverage_{band}" for band in (50, 80, 90, 95)),
    ):
        assert {name, f"{name}_h{HORIZON}"} <= names


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    """Returns a function that runs a command, on a folder of two markets."""
    folder = tmp_path_factory.mktemp("stock")
    (folder / "data").mkdir()
    for series in sample.markets(5, 260)[:2]:
        lines = ["Date,Open,High,Low,Close,Adj Close,Volume"]
        for date, price, bar in zip(series.dates, series.prices, series.bars):
            numbers = [*bar[:4], price, bar[4]]
            lines.append(f"{date}," + ",".join(f"{n:.6f}" for n in numbers))
        path = folder / "data" / f"{series.ticker}.csv"
        path.write_text("\n".join(lines))

    def run(capsys, *argv):
        code = runner.run(Stock, ["stock", f"--run_dir={folder}/run", *argv])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    run.folder = folder
    run.options = (
        "--dataset=prices",
        f"--data_dir={folder}/data",
        "--window=10",
        "--horizon=3",
        "--units=4",
        "--epochs=1",
        "--folds=2",
        "--refit",
    )
    return run


def test_a_backtest_walks_forward_and_is_drawn(stock, capsys, monkeypatch):
    monkeypatch.setattr(linear, "ORDERS", linear.ORDERS[:1])
    monkeypatch.setattr(linear, "FORMS", linear.FORMS[:1])
    assert stock(capsys, "train", *stock.options)[0] == 0
    plot = stock.folder / "backtest.png"
    code, out, _ = stock(capsys, "evaluate", f"--plot={plot}")
    assert code == 0
    assert "Fold 2 of 2, from " in out
    assert "all: on price: " in out
    assert plot.stat().st_size > 10_000
    assert (stock.folder / "run" / "folds" / "2" / "model.keras").exists()
    report = json.loads((stock.folder / "run" / "metrics.json").read_text())
    assert report["baseline"]["name"] in report["baselines"]
    assert set(report["baselines"]) >= {"random walk", "EWMA", "GARCH", "ARIMA"}
    assert report["examples"] == 2 * (65 - 3)


def test_a_file_is_forecast_beyond_its_end(stock, capsys):
    assert stock(capsys, "train", *stock.options)[0] == 0
    path, plot = stock.folder / "data" / "garch.csv", stock.folder / "fan.png"
    code, out, _ = stock(
        capsys, "predict", str(path), f"--plot={plot}", "--paths=2"
    )
    lines = out.splitlines()
    assert code == 0
    last = path.read_text().splitlines()[-1][:10]
    assert lines[0].startswith(f"garch after {last} at ")
    dates = [line.split()[0] for line in lines[1:4]]
    assert [last, *dates] == sorted({last, *dates})
    assert [line.split(":")[0] for line in lines[4:6]] == [
        "  path 1",
        "  path 2",
    ]
    paths = [[float(p) for p in line.split()[2:]] for line in lines[4:6]]
    assert [len(path) for path in paths] == [3, 3]
    assert paths[0] != paths[1]
    assert lines[6] == f"See {plot}"
    assert plot.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (5, "has 4 days with a price: the model reads 11"),
        (0, "is empty"),
    ],
)
def test_a_file_that_is_too_short_is_named(stock, capsys, lines, message):
    assert stock(capsys, "train", *stock.options)[0] == 0
    whole = (stock.folder / "data" / "garch.csv").read_text().splitlines()
    path = stock.folder / "short.csv"
    path.write_text("\n".join(whole[:lines]))
    code, _, err = stock(capsys, "predict", str(path))
    assert code == 1
    assert message in err
    assert err.count("\n") == 1


def test_quantiles_need_the_crps(stock, capsys, tmp_path):
    code, _, err = stock(
        capsys,
        "train",
        *stock.options,
        f"--run_dir={tmp_path}",
        "--distribution=quantiles",
    )
    assert code == 1
    assert "use --loss=crps" in err
