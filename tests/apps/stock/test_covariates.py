"""Further columns: read, checked for leaks, scaled, and forecast with."""

import dataclasses
import re

import numpy as np
import pytest
import tensorflow as tf

from apps.stock import Stock
from apps.stock.baselines import covariates as regressors
from apps.stock.baselines import forecasts
from apps.stock.baselines import ranges
from apps.stock.config import StockConfig
from apps.stock.data import leaks
from apps.stock.data import periods
from apps.stock.data import price_table
from apps.stock.data import simulation
from apps.stock.data import targets
from apps.stock.data import windows
from apps.stock.data.form import Form
from apps.stock.data.remarks import Remarks
from apps.stock.data.series import Covariates
from apps.stock.model import covariates as features
from apps.stock.model.arguments import Arguments
from apps.stock.model.quantiles import MEDIAN
from common import runner
from common.errors import UsageError
from common.errors import UserError
from tests import variants
from tests.apps.stock import markets
from tests.apps.stock import test_model

WINDOW, HORIZON = test_model.WINDOW, test_model.HORIZON
ROWS = [
    "Date,Close,RSI (14),vix,holiday",
    "2012-09-10,10,50,12.5%,0",
    "2012-09-11,11,,-,1",
    "2012-09-12,12,70,1,0",
    "2012-09-13,,,,1",
    "2012-09-14,,,,",
]


def with_covariates(series, values, ahead=0, coming=None):
    """Returns a market with further columns x0, x1, ..., the last ones known.

    Args:
      series: The market.
      values: (days, columns).
      ahead: How many columns are known ahead.
      coming: (coming days, ahead).
    """
    values = np.asarray(values, float)
    coming = np.zeros([0, ahead]) if coming is None else np.array(coming, float)
    days = series.dates[-1] + np.arange(1, len(coming) + 1)
    names = [f"x{i}" for i in range(values.shape[1])]
    covariates = Covariates(names, values, ahead, days, coming)
    return dataclasses.replace(series, covariates=covariates)


def noise(days, columns, seed=0):
    return np.random.default_rng(seed).standard_normal([days, columns])


# Reading.


def write(folder, lines, name="ACME.csv"):
    path = folder / name
    path.write_text("\n".join(lines))
    return path


def read(path, covariates=(), known=(), ticker=""):
    form = Form(
        price_column="Close",
        covariate_names=covariates,
        known_covariate_names=known,
    )
    return price_table.PriceTable(path, form, Remarks()).series(ticker)


def test_columns_are_read_by_name_and_empty_cells_are_unknown(tmp_path):
    path = write(tmp_path, ROWS)
    covariates = read(path, ["RSI (14)", "VIX"], ["holiday"]).covariates
    assert covariates.names == ["RSI (14)", "VIX", "holiday"]
    np.testing.assert_array_equal(
        covariates.values, [[50, 12.5, 0], [np.nan, np.nan, 1], [70, 1, 0]]
    )
    np.testing.assert_array_equal(covariates.known, [[0], [1], [0]])


def test_rows_after_the_last_price_are_the_coming_days(tmp_path):
    path = write(tmp_path, ROWS)
    covariates = read(path, ["vix"], ["holiday"]).covariates
    days = covariates.coming_days.astype(str).tolist()
    assert days == ["2012-09-13", "2012-09-14"]
    np.testing.assert_array_equal(covariates.coming, [[1], [np.nan]])
    assert not len(read(path, ["vix"]).covariates.coming_days)
    assert read(path).covariates is None


def test_each_ticker_has_its_own_columns(tmp_path):
    lines = ["Date,Close,vix,Ticker"]
    for ticker, value in (("AAA", 1), ("BBB", 2)):
        lines += [f"2012-09-1{i},10,{value},{ticker}" for i in range(3)]
    path = write(tmp_path, lines)
    values = read(path, ["vix"], ticker="BBB").covariates.values
    np.testing.assert_array_equal(values, [[2], [2], [2]])


def test_columns_of_yfinance_belong_to_a_ticker_or_to_all(tmp_path):
    path = write(
        tmp_path,
        [
            "Price,Close,Close,rsi,rsi,vix",
            "Ticker,AAA,BBB,AAA,BBB,",
            "2012-09-10,1,2,3,4,5",
            "2012-09-11,1,2,3,4,5",
        ],
    )
    values = read(path, ["rsi", "vix"], ticker="BBB").covariates.values
    np.testing.assert_array_equal(values, [[4, 5], [4, 5]])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["Date,Close", "2012-09-10,1"],
            r"ACME\.csv, line 1: no column 'vix' among 'Date', 'Close': add "
            "it, or leave it out of --covariates",
        ),
        (
            ["Date,Close,vix", "2012-09-10,1,2", "2012-09-11,1,high"],
            r"ACME\.csv, line 3: vix 'high' is not a number: correct it, write "
            "1 and 0 for yes and no",
        ),
        (
            ["Date,Close,vix", "2012-09-10,1,inf"],
            "line 2: vix 'inf' is not a number",
        ),
        (
            ["Date,Close,vix", "2012-09-10,1,2", "2012-09-10,1,3"],
            "line 3: 2012-09-10 is also in line 2, with other values of vix: "
            "remove one",
        ),
    ],
)
def test_a_bad_column_is_refused_with_its_line(tmp_path, lines, message):
    with pytest.raises(UserError, match=message):
        read(write(tmp_path, lines), ["vix"])


def test_a_column_of_decimal_commas_is_read(tmp_path):
    lines = ["Date;Close;vix", "2012-09-10;10;1,25", "2012-09-11;11;2,5"]
    values = read(write(tmp_path, lines), ["vix"]).covariates.values
    np.testing.assert_array_equal(values, [[1.25], [2.5]])


@pytest.mark.parametrize(
    ("covariates", "known"), [("a,b,a", ""), ("a", "b, a"), ("", "a,a")]
)
def test_a_column_named_twice_is_refused(covariates, known):
    with pytest.raises(UsageError, match="The covariate 'a' is named twice"):
        StockConfig(covariates=covariates, known_covariates=known)


# Leaks.


def examples(series, split="test"):
    series = (series,)
    return windows.examples(
        series, split, periods.choose(series), WINDOW, HORIZON, "price"
    )


def assert_no_leak(make):
    """Changes all that is later than a day, and compares the inputs up to it.

    Of a column that is known ahead, the values within the horizon stay.

    Args:
      make: Returns the examples of a market.
    """
    market = with_covariates(markets.garch(), noise(400, 2), ahead=1)
    day = 350
    later = np.arange(day + 1, 400)
    values = market.covariates.values.copy()
    values[later, 0] = 7
    values[later[HORIZON:], 1] = 7
    prices, bars = market.prices.copy(), market.bars.copy()
    prices[later] *= 3
    bars[later] *= 3
    changed = with_covariates(
        markets.changed(market, prices=prices, bars=bars), values, ahead=1
    )
    compared = 0
    for (x, y), (x2, _) in zip(make(market), make(changed)):
        if y["day"] <= market.dates[day].astype(int):
            for name, value in x.items():
                np.testing.assert_array_equal(value, x2[name], err_msg=name)
            compared += 1
    assert compared == 51


def test_later_days_do_not_change_the_inputs():
    assert_no_leak(lambda market: examples(market).as_numpy_iterator())


def shifted(market, columns):
    """Returns the market whose covariates are those of the next day."""
    values = market.covariates.values.copy()
    values[:-1, columns] = values[1:, columns]
    return with_covariates(market, values, market.covariates.ahead)


def test_a_leak_of_one_day_would_be_noticed():
    """Of both kinds of columns: the horizon may be read, and no more."""
    for columns in ([0], [1]):
        with pytest.raises(AssertionError, match="covariates"):
            assert_no_leak(
                lambda market, columns=columns: examples(
                    shifted(market, columns)
                ).as_numpy_iterator()
            )


def test_an_example_has_the_window_and_the_coming_values():
    market = with_covariates(markets.garch(), noise(400, 3), ahead=2)
    x, y = next(examples(market).as_numpy_iterator())
    day = np.searchsorted(market.dates.astype(int), y["day"])
    values = market.covariates.values.astype("f4")
    np.testing.assert_array_equal(
        x["covariates"], values[day - WINDOW : day + 1]
    )
    np.testing.assert_array_equal(
        x["coming_covariates"], values[day + 1 : day + 1 + HORIZON, 1:]
    )
    unknown = with_covariates(market, values)
    assert "coming_covariates" not in examples(unknown).element_spec[0]


def lead(values, days):
    """Returns values of later days; NaN at the end."""
    return np.append(values[days:], np.full(days, np.nan))


def sums(returns, days):
    """Returns the sum of the coming returns."""
    return sum(lead(returns, n) for n in range(1, days + 1))


LEAKS = {
    "the return 1 day later": lambda r: lead(r, 1),
    "the return 3 days later": lambda r: 100 - lead(r, 3),
    "the size of the return 2 days later": lambda r: lead(np.abs(r), 2),
    "the return 5 days later": lambda r: sums(r, 5),
    "the return 1 day later, by price": lambda r: lead(np.exp(np.cumsum(r)), 1),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_column_that_reveals_the_future_is_refused(tmp_path, name):
    market = markets.garch(800)
    column = LEAKS[name](market.returns())
    leaking = with_covariates(market, column[:, None])
    message = f"'x0' reveals {name.partition(',')[0]} .*leave it out"
    with pytest.raises(UserError, match=message):
        leaks.refuse_covariates(leaking, tmp_path, 5, Remarks())


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (0, "of the same day"),
        (-2, "2 days earlier"),
        (2, "2 days later"),
    ],
)
def test_a_column_that_is_not_known_ahead_is_refused(tmp_path, days, message):
    market = markets.garch(800)
    column = np.roll(market.returns(), -days)[:, None]
    known = with_covariates(market, column, ahead=1)
    with pytest.raises(UserError, match=message):
        leaks.refuse_covariates(known, tmp_path, 3, Remarks())
    if days <= 0:  # At the end of its day, it is honest.
        unknown = with_covariates(market, column)
        leaks.refuse_covariates(unknown, tmp_path, 3, Remarks())


@pytest.mark.parametrize("name", variants.extended(simulation.MARKETS, "garch"))
def test_honest_columns_are_accepted(tmp_path, name):
    market = simulation.market(name, 0, 1000)
    returns, logs = market.returns(), np.log(market.prices)
    average = np.convolve(market.prices, np.ones(20) / 20)[:1000]
    weekday = np.array([day.weekday() for day in market.dates.tolist()])
    columns = [returns, np.abs(returns), average, logs, noise(1000, 1)[:, 0]]
    columns += [weekday == 0, np.arange(1000)]
    honest = with_covariates(market, np.stack(columns, 1), ahead=2)
    leaks.refuse_covariates(honest, tmp_path, 10, Remarks())


@pytest.mark.parametrize(
    ("shift", "ahead", "remark"),
    [
        (0, 1, r"of the same day \(.* 0\.\d+\): if it is not known before, "),
        (1, 0, r"1 day later \(.* 0\.\d+\): leave it out if it was shifted"),
        (0, 0, None),
    ],
)
def test_a_column_that_tells_much_is_remarked_on(
    tmp_path, capsys, shift, ahead, remark
):
    """Such as the return of another market on the same day."""
    market = markets.garch(800)
    returns = market.returns()
    other = returns + 1.5 * returns.std() * noise(800, 1)[:, 0]
    column = np.append(other[shift:], np.zeros(shift))
    market = with_covariates(market, column[:, None], ahead)
    remarks = Remarks()
    leaks.refuse_covariates(market, tmp_path, 3, remarks)
    remarks.print()
    err = capsys.readouterr().err
    if remark is None:
        assert not err
    else:
        assert re.search(f"the column 'x0' tells the return {remark}", err)


# The features.


def arguments(names=("a",), known=(), **options):
    count = len(names) + len(known)
    return Arguments(
        **{
            "tickers": ["garch"],
            "forecastable": [True],
            "window": WINDOW,
            "horizon": HORIZON,
            "target": "price",
            "distribution": "student_t",
            "embedding_size": 2,
            "cell": "gru",
            "units": 4,
            "depth": 1,
            "dropout": 0.0,
            "covariates": list(names),
            "known_covariates": list(known),
            "covariate_means": [0.0] * count,
            "covariate_deviations": [1.0] * count,
            **options,
        }
    )


def test_values_are_scaled_and_unknown_ones_are_the_last_known():
    nan = np.nan
    reader = features.CovariateReader(
        arguments(
            ("a",),
            ("b",),
            window=3,
            horizon=2,
            covariate_means=[10.0, 0.0],
            covariate_deviations=[2.0, 1.0],
        )
    )
    values = [[99, 99], [14, nan], [nan, nan], [1e30, 1], [nan, np.inf]]
    days, ahead = reader(
        tf.constant([values], tf.float32),
        tf.constant([[[nan], [0.0]]], tf.float32),
    )
    expected = [[2, 0, 0, 0], [8, 1, 1, 1], [8, 1, 0, 0]]
    np.testing.assert_allclose(days[0], expected)
    np.testing.assert_allclose(ahead[0], [[1, 0], [0, 1]])


def test_the_scale_is_that_of_the_training_split():
    market = with_covariates(markets.garch(), noise(400, 2))
    start = periods.choose((market,)).valid_start
    known = np.searchsorted(market.dates, start)
    values = market.covariates.values.copy()
    values[known - WINDOW - HORIZON :] = 1e6  # From the embargo on.
    values[5, 0] = np.nan
    changed = with_covariates(market, values)
    scale = features.fit_scale(examples(changed, "train"), ["x0", "x1"])
    past = values[: known - WINDOW - HORIZON]
    np.testing.assert_allclose(scale.means, np.nanmean(past, 0), atol=0.03)
    np.testing.assert_allclose(scale.deviations, np.nanstd(past, 0), rtol=0.03)


@pytest.mark.parametrize("value", [3.7, np.nan])
def test_a_column_without_two_values_in_training_is_refused(value):
    values = noise(400, 2)
    values[:200, 1] = value
    values[200:300, 1] = value
    market = with_covariates(markets.garch(), values)
    with pytest.raises(UserError, match="'x1' has the same value, or none, on"):
        features.fit_scale(examples(market, "train"), ["x0", "x1"])


# The model.


def inputs(columns=1, ahead=0, days=WINDOW + 1):
    x = test_model.windows(days=days)
    x["covariates"] = tf.constant(
        np.stack([noise(days, columns, seed) for seed in range(4)]), tf.float32
    )
    if ahead:
        coming = [noise(HORIZON, ahead, 9 + seed) for seed in range(4)]
        x["coming_covariates"] = tf.constant(np.stack(coming), tf.float32)
    return x


def trained_model(**options):
    model = test_model.Forecaster(arguments(**options))
    columns = len(model.reader.covariates.names)
    ahead = len(model.arguments.known_covariates)
    model(model.reader(**inputs(columns, ahead))[0])
    rng = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(0, 0.2, variable.shape))
    return model


@pytest.fixture(scope="module")
def model():
    """Returns a model of one column of each kind, with random weights."""
    return trained_model(names=["a"], known=["b"])


def difference(first, second):
    return np.abs(first["quantiles"] / second["quantiles"] - 1).max((1, 2))


@pytest.mark.extended
def test_a_forecast_depends_on_both_kinds_of_columns(model):
    x = inputs(2, 1)
    expected = model.serve(**x)
    for name in ("covariates", "coming_covariates"):
        changed = model.serve(**dict(x, **{name: x[name] + 1}))
        assert (difference(changed, expected) > 1e-5).all()


def test_columns_before_the_window_do_not_matter(model):
    x = inputs(2, 1, days=WINDOW + 30)
    last = dict(x)
    for name in ("prices", "bars", "dates", "covariates"):
        last[name] = x[name][:, -WINDOW - 1 :]
    test_model.assert_same(model.serve(**x), model.serve(**last), rtol=1e-6)


def test_unknown_values_are_answered(model):
    x = inputs(2, 1)
    for name in ("covariates", "coming_covariates"):
        for value in (np.nan, np.inf, 3e38):
            odd = dict(x, **{name: tf.fill(x[name].shape, value)})
            for output in model.serve(**odd).values():
                assert np.isfinite(output).all()


def test_rows_or_days_that_do_not_match_are_refused(model):
    x = inputs(2, 1)
    for covariates in (x["covariates"][:2], x["covariates"][:, 1:]):
        with pytest.raises(tf.errors.InvalidArgumentError):
            model.serve(**dict(x, covariates=covariates))
    with pytest.raises(tf.errors.InvalidArgumentError):
        coming = x["coming_covariates"][:2]
        model.serve(**dict(x, coming_covariates=coming))


@pytest.mark.parametrize(
    ("names", "known", "expected"),
    [
        ([], [], {}),
        (["a", "b"], [], {"covariates": 2}),
        ([], ["b"], {"covariates": 1, "coming_covariates": 1}),
        (["a"], ["b"], {"covariates": 2, "coming_covariates": 1}),
    ],
)
def test_the_signatures_have_the_columns_of_the_model(names, known, expected):
    model = test_model.Forecaster(arguments(names, known))
    for function in (model.serve, model.paths):
        sizes = {spec.name: spec.shape for spec in function.input_signature}
        assert {n: sizes[n][-1] for n in sizes if "covariates" in n} == expected


def test_an_earlier_model_loads():
    """Its configuration has no covariates."""
    config = test_model.forecaster().get_config()
    for name in list(config):
        if "covariate" in name:
            del config[name]
    assert test_model.Forecaster.from_config(config).arguments.covariates == []


# The baselines.


def test_regressors_are_scaled_by_the_past_and_known_ahead():
    values = np.stack([np.arange(10.0), np.arange(10.0)], 1)
    values[3, 0] = np.nan
    values[:, 1] = [0, 1] * 5
    covariates = with_covariates(markets.garch(10), values, 1).covariates
    first, second = regressors.regressors(covariates, 6, 2)
    mean, deviation = np.mean([0, 1, 2, 2, 4, 5]), np.std([0, 1, 2, 2, 4, 5])
    np.testing.assert_allclose(first[7, 0], (7 - mean) / deviation)
    np.testing.assert_allclose(first[3, 0], (2 - mean) / deviation)
    np.testing.assert_array_equal(first[:, 0], second[:, 0])
    np.testing.assert_allclose(first[:4, 1], [1, -1, 1, -1])
    np.testing.assert_allclose(second[:4, 1], [-1, 1, -1, 1])


def driven_market(seed=0, days=1000):
    """Returns a market that its columns drive.

    The volatility of a day is a function of x0 of the day before, which has no
    other trace in the prices, and its location is one of x1 of the same day.
    """
    rng = np.random.default_rng(seed)
    series = markets.garch(days)
    state = rng.choice([0.004, 0.02], days)
    promotion = rng.random(days) < 0.3
    size = np.append(0.01, state[:-1])
    returns = size * rng.standard_normal(days)
    returns += np.where(promotion, 0.016, -0.006)
    prices = 100 * np.exp(np.cumsum(returns))
    series = markets.changed(series, prices=prices, bars=np.zeros([days, 5]))
    return with_covariates(series, np.stack([state, promotion], 1), ahead=1)


def test_baselines_forecast_with_the_columns():
    market = driven_market()
    origins = np.arange(700, 990)
    logs = np.log(market.prices)
    further = regressors.regressors(market.covariates, 700, HORIZON)
    paths = regressors.forecasts(logs, further, 700)
    for ahead in (1, HORIZON):
        moves = logs[origins + ahead] - logs[origins]
        errors = moves - paths[origins, ahead - 1]
        assert np.mean(errors**2) < 0.9 * np.mean(moves**2)
    of_days = ranges.variances(market)
    plain, with_columns = (
        ranges.log_har(of_days, 700, 1, f)[origins, 0] for f in (None, further)
    )
    sizes = np.abs(market.returns())[origins + 1]
    correlations = [np.corrcoef(v, sizes)[0, 1] for v in (plain, with_columns)]
    assert correlations[1] > correlations[0] + 0.3


@pytest.mark.parametrize("kind", targets.KINDS)
def test_baselines_do_not_use_later_columns(kind, monkeypatch):
    for module, name in (
        (forecasts.arima, "ORDERS"),
        (forecasts.smoothing, "FORMS"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name)[:1])
    market = driven_market(days=500)
    origins = np.arange(400, 450)
    y = {
        "day": market.dates[origins].astype(int),
        "ticker": np.zeros(50, int),
        **targets.of_series(np.log(market.prices), origins, 20, HORIZON, kind),
    }
    starts = market.dates[[400]]
    first = forecasts.forecasts((market,), y, starts, kind)
    values = market.covariates.values.copy()
    values[426:, 0] = 5
    values[426 + HORIZON :, 1] = 5
    changed = with_covariates(market, values, ahead=1)
    second = forecasts.forecasts((changed,), y, starts, kind)
    assert forecasts.HAR_X in first
    assert (forecasts.REGRESSION in first) == (kind != "volatility")
    for name, parameters in first.items():
        for key, part in parameters.items():
            np.testing.assert_array_equal(part[:26], second[name][key][:26])
            assert np.isfinite(part).all()
    later = first[forecasts.HAR_X]["scale"] != second[forecasts.HAR_X]["scale"]
    assert later[26:].any()


# The commands.


def write_market(market, folder, coming=()):
    """Writes a market with columns state and promotion, and coming days."""
    lines = ["Date,Adj Close,state,promotion"]
    rows = zip(market.dates, market.prices, market.covariates.values)
    lines += [f"{d},{p:.6f},{s:.4f},{n:.0f}" for d, p, (s, n) in rows]
    last = market.dates[-1]
    lines += [f"{last + 3 + i},,,{value}" for i, value in enumerate(coming)]
    return write(folder, lines, "acme.csv")


def train(folder, market, **options):
    """Returns a run on a market, and the file of it."""
    market.covariates.values[::7, 0] = np.nan
    path = write_market(market, folder, [0, 1, 0])
    run = Stock.train(
        dataset="prices",
        data_dir=str(path),
        run_dir=str(folder / "run"),
        saved_models=str(folder / "saved_models"),
        covariates="state",
        known_covariates="promotion",
        window=10,
        horizon=3,
        **options,
    )
    return run, path


@pytest.fixture(scope="module")
def trained_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("covariates")
    return train(
        folder, driven_market(days=300), units=4, epochs=1, learning_rate=0.1
    )


@pytest.mark.slow
def test_the_network_learns_from_both_kinds_of_columns(tmp_path):
    run, path = train(
        tmp_path, driven_market(), units=8, epochs=6, learning_rate=0.01
    )
    report = run.evaluate()
    without = {"random walk", "ARIMA", "GARCH", "log-HAR", "EWMA"}
    best = min(report.baselines[name]["crps"] for name in without)
    assert report.metrics["crps"] < 0.97 * best
    assert {forecasts.HAR_X, forecasts.REGRESSION} <= set(report.baselines)
    (answer,) = run.predict([str(path)])
    moves = np.diff(np.log(answer["quantiles"][:, MEDIAN]))
    # A promotion on the second day alone moves the price up.
    assert moves[0] > 0 > moves[1]


@pytest.mark.slow
def test_a_file_is_forecast_with_its_coming_days(trained_run, tmp_path, capsys):
    run, path = trained_run
    words = ["stock", "predict", str(path), f"--run_dir={run.run_dir}"]
    assert runner.run(Stock, words) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = path.read_text().splitlines()
    days = [row[:10] for row in rows[-3:]]
    assert [line.split()[0] for line in lines[1:]] == days
    other = write(tmp_path, [*rows[:-1], rows[-1][:-1] + "1"], "acme.csv")
    first, second = run.predict([str(path), str(other)])
    change = np.abs(first["quantiles"] / second["quantiles"] - 1).max(1)
    assert change[:2].max() < 5e-6 < 5e-5 < change[2]


@pytest.mark.extended
def test_a_file_without_the_coming_days_is_refused(
    trained_run, tmp_path, capsys
):
    run, path = trained_run
    short = write(tmp_path, path.read_text().splitlines()[:-1])
    words = ["stock", "predict", str(short), f"--run_dir={run.run_dir}"]
    assert runner.run(Stock, words) == 1
    err = capsys.readouterr().err
    last = driven_market(days=300).dates[-1]
    assert (
        f"has 2 rows after the last price, of {last}: the model needs "
        "promotion on each of the 3 coming days: add rows with the date"
    ) in err


@pytest.mark.extended
def test_the_saved_model_takes_the_columns(trained_run):
    run, path = trained_run
    version = run.export()
    served = tf.saved_model.load(version)
    arguments = run.interface.parse_inputs([str(path), "test:0"])
    assert arguments["coming_covariates"].shape == (2, 3, 1)
    outputs = served.signatures["serving_default"](**arguments)
    expected = run.model.serve(**arguments)
    for name, value in expected.items():
        np.testing.assert_array_equal(outputs[name], value)
    paths = served.signatures["paths"](
        **arguments, count=tf.constant(5), seed=tf.constant(1)
    )
    assert paths["paths"].shape == (2, 5, 3)
    nobody = {name: value[:0] for name, value in arguments.items()}
    assert len(served.signatures["serving_default"](**nobody)["mean"]) == 0
    # The example of the model card, which has unknown values, runs.
    card = (version / "assets.extra" / "MODEL_CARD.md").read_text()
    code = card.split("```python\n")[1].split("```")[0]
    assert "float('nan')" in code
    exec(code.replace("PATH/OF/THIS/VERSION", str(version)), {})
    for name in ("covariates", "coming_covariates"):
        assert f"input `{name}`: float32" in card


def test_the_simulated_markets_have_no_further_columns(tmp_path, capsys):
    words = ["stock", "train", "--covariates=vix", f"--run_dir={tmp_path}/run"]
    assert runner.run(Stock, words) == 1
    err = capsys.readouterr().err
    assert "The simulated markets have no column 'vix': leave out" in err
    assert err.count("\n") == 1
