"""Tests of significance have their size; verdicts follow from the scores."""

import json
import shutil

import numpy as np
import pytest
import scipy.stats

from apps.stock import Stock
from apps.stock.baselines import arima
from apps.stock.baselines import forecasts
from apps.stock.baselines import smoothing
from apps.stock.data import periods
from apps.stock.data import simulation
from apps.stock.data import targets
from apps.stock.evaluation import best_of_each
from apps.stock.evaluation import degeneracy
from apps.stock.evaluation import intervals
from apps.stock.evaluation import scores
from apps.stock.evaluation import verdict
from apps.stock.model import significance
from common import runner
from tests.apps.stock import markets

WINDOW, HORIZON = 20, 3


def test_the_diebold_mariano_test_has_its_nominal_size():
    rejections = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        noise = rng.standard_normal(405)
        gains = noise[4:] + noise[3:-1] + noise[2:-2]  # They overlap.
        days = np.arange(len(gains))
        rejections += significance.diebold_mariano(gains, days, 3)[1] < 0.05
    assert 5 <= rejections <= 33


def test_a_clear_gain_is_significant_and_no_gain_is_not():
    days = np.repeat(np.arange(200), 2)
    gains = 0.5 + np.random.default_rng(0).standard_normal(400)
    gain, p = significance.diebold_mariano(gains, days, 1)
    assert gain == pytest.approx(gains.mean())
    assert p < 1e-6
    assert significance.diebold_mariano(0 * gains, days, 1) == (0.0, 1.0)


def test_the_binomial_interval_is_that_of_clopper_and_pearson():
    for hits in (0, 55, 100):
        expected = scipy.stats.binomtest(hits, 100).proportion_ci(
            method="exact"
        )
        np.testing.assert_allclose(intervals.binomial(hits, 100), expected)


def test_half_hits_give_an_interval_between_those_of_whole_ones():
    lows, highs = zip(*(intervals.binomial(h, 100) for h in (55, 55.5, 56)))
    assert lows[0] < lows[1] < lows[2]
    assert highs[0] < highs[1] < highs[2]


def test_differences_that_are_rounding_errors_are_not_significant():
    gains = 1e-200 * np.random.default_rng(0).standard_normal(100)
    assert significance.diebold_mariano(gains, np.arange(100), 1)[1] == 1


def test_over_a_reference_without_loss_the_skill_is_zero():
    zeros, blocks = np.zeros(60), np.arange(60) // 20
    assert intervals.skill(zeros, zeros, blocks, 0) == (0.0, 0.0)
    # A resample may hold no block with a loss.
    losses = np.where(blocks == 0, 1.0, 0.0)
    low, high = intervals.skill(losses, losses, blocks, 0)
    assert low == high == 0


@pytest.mark.parametrize(
    ("still", "clause"),
    [
        (slice(0, 400), "does not move on any of 100 test days"),
        (slice(0, 281), "does not move before the test"),
        (slice(290, 320), "does not move in 10 of 100 windows"),
        (slice(0, 100), ""),
    ],
)
def test_a_market_that_does_not_move_is_named(still, clause):
    series = markets.garch()
    prices = series.prices.copy()
    prices[still] = prices[still.start]
    days = series.dates[280:380].astype(int)
    clauses = degeneracy.clauses(
        markets.changed(series, prices=prices), {"day": days}, WINDOW
    )
    assert len(clauses) == bool(clause)
    assert clause in " ".join(clauses)


def test_the_interval_of_a_skill_contains_it():
    rng = np.random.default_rng(0)
    reference = rng.random(400) + 0.5
    losses = 0.8 * reference + 0.1 * rng.standard_normal(400)
    low, high = intervals.skill(losses, reference, np.arange(400) // 4, 0)
    assert low < 0.2 < high
    assert high - low < 0.1


def results_of(share):
    """Returns the results of a model that knows a share of each move."""
    series = simulation.market("random_walk", 0, 600)
    origins = np.arange(100, 590)
    y = {
        "day": series.dates[origins].astype(int),
        "ticker": np.zeros(len(origins), int),
        **targets.of_series(
            np.log(series.prices), origins, WINDOW, HORIZON, "price"
        ),
    }

    def statistics(share):
        outputs = {
            "location": share * y["values"],
            "scale": np.full_like(y["values"], 0.01),
            "freedom": np.full_like(y["values"], 9.0),
        }
        return scores.per_example(y, outputs, "price")

    baselines = {"random walk": statistics(0.0), "EWMA": statistics(-0.1)}
    clusters = periods.blocks(y["day"], 20)
    results = verdict.Results(y, statistics(share), baselines, clusters)
    return results, series


@pytest.fixture(scope="module")
def notes():
    """Returns a function from a share to the notes on such a model."""
    known = {}

    def of(share):
        if share not in known:
            results, series = results_of(share)
            known[share] = verdict.notes(results, [series], "price", WINDOW, 0)
        return known[share]

    return of


def test_the_verdict_names_the_better_forecast(notes):
    text = " ".join(notes(0.2).sentences)
    assert "on price: better than a random walk (skill 0.2" in text
    assert "on volatility: better than random walk by" in text
    assert "direction: right on 100.0%" in text
    text = " ".join(notes(0.0).sentences)
    assert "on price: not better than a random walk (skill 0.00 … 0.00" in text
    assert "direction: not forecast" in text
    text = " ".join(notes(-0.2).sentences)
    assert "on price: worse than a random walk (skill −0.2" in text
    assert "on volatility: worse than random walk by" in text


def test_all_markets_are_compared_with_the_best_baseline_of_each():
    y = {
        "ticker": np.array([1, 0, 1, 0]),
        "values": np.zeros([4, 1]),
        "scales": np.ones([4, 1]),
        "now": np.zeros(4),
    }

    def forecast(*locations):
        values = np.array(locations)[:, None]
        return {
            "location": values,
            "scale": np.full_like(values, 0.01),
            "freedom": np.full_like(values, 9.0),
        }

    baselines = {
        "first": forecast(0.1, 0.2, 0.1, 0.2),
        "second": forecast(0.3, 0.1, 0.3, 0.1),
    }
    combined = best_of_each.combine(y, baselines, "price")
    assert combined["location"][:, 0].tolist() == [0.1, 0.1, 0.1, 0.1]
    assert combined["freedom"].shape == (4, 1)


def test_the_verdict_on_all_markets_names_no_direction():
    results, series = results_of(0.2)
    half = len(results.clusters) // 2
    results.y["ticker"][half:] = 1
    results.baselines[best_of_each.NAME] = results.baselines["random walk"]
    notes = verdict.notes(results, [series, series], "price", WINDOW, 0)
    assert notes.sentences[0].startswith("all: on price: better")
    assert "direction" not in notes.sentences[0]
    for sentence in notes.sentences[1:]:
        assert "direction: right on 100.0% of 245 days" in sentence
        assert "better than random walk by" in sentence
    assert best_of_each.NAME in notes.details["diebold_mariano"]
    for ticker in notes.details["tickers"].values():
        assert set(ticker["baselines"]) == {"random walk", "EWMA"}


def test_the_truth_of_a_simulated_market_is_scored(notes):
    ticker = notes(0.0).details["tickers"]["random_walk"]
    assert ticker["crps_of_truth"] == pytest.approx(ticker["crps"], rel=0.05)
    assert set(ticker["baselines"]) == {"random walk", "EWMA"}
    tests = notes(0.2).details["diebold_mariano"]
    assert tests["EWMA"]["gain"] > tests["random walk"]["gain"] > 0
    assert tests["random walk"]["p"] < 1e-6


def test_exactly_the_declared_metrics_are_reported(notes):
    ticker = notes(0.0).details["tickers"]["random_walk"]
    names = {metric.name for metric in scores.metrics(HORIZON)}
    assert names == set(ticker) - {"baselines", "crps_of_truth"}
    for name in (
        "crps",
        "mase",
        "rmse",
        "log_score",
        "direction_accuracy",
        *(f"coverage_{band}" for band in (50, 80, 90, 95)),
    ):
        assert {name, f"{name}_h{HORIZON}"} <= names


def test_a_horizon_of_one_day_has_one_set_of_scores():
    results, _ = results_of(0.0)
    y = dict(results.y)
    y["values"], y["scales"] = y["values"][:, :1], y["scales"][:, :1]
    outputs = {"log_quantiles": results.model["quantiles"][:, None]}
    values = scores.aggregate(scores.per_example(y, outputs, "price"), 1)
    assert set(values) == {metric.name for metric in scores.metrics(1)}
    assert values["crps"] == pytest.approx(
        results.model["crps"].mean(), rel=0.01
    )


@pytest.mark.slow
def test_a_backtest_trains_a_network_for_each_fold(
    trained_run, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(arima, "ORDERS", arima.ORDERS[:1])
    monkeypatch.setattr(smoothing, "FORMS", smoothing.FORMS[:1])
    folder = shutil.copytree(trained_run.run_dir, tmp_path / "run")
    plot = tmp_path / "backtest.png"
    words = ["stock", "evaluate", f"--run_dir={folder}", f"--plot={plot}"]
    assert runner.run(Stock, words) == 0
    out = capsys.readouterr().out
    assert "Fold 2 of 2, from " in out
    assert "all: on price: " in out
    assert out.splitlines()[-1] == f"See {plot}"
    assert plot.stat().st_size > 10_000
    assert (folder / "extra" / "folds" / "2" / "model.keras").exists()
    text = (folder / "metrics.json").read_text()
    assert not {"NaN", "Infinity", "-Infinity"} & set(text.split())
    report = json.loads(text)
    assert report["best_baseline"] in report["baselines"]
    assert set(report["baselines"]) >= {
        *forecasts.VOLATILITY_MODELS,
        "random walk",
        "ARIMA",
    }
    assert report["best_baseline"] == best_of_each.NAME
    assert set(report["details"]["tickers"]) == {"random_walk", "garch", "flat"}
    assert report["examples"] == 3 * (65 - 3)
    notes = " ".join(report["notes"])
    assert "flat: degenerate: the price does not move on any of 62" in notes
    assert "ipo has 5 days before the test, which begins on" in notes
