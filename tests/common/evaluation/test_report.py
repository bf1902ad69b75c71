"""Intervals cover what they should; who is better is said only when it is."""

import numpy as np
import pytest

from common.evaluation import bootstrap
from common.evaluation import report
from common.evaluation.metrics import classification


def test_an_interval_covers_the_truth_19_times_of_20():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        hits = rng.random(300) < 0.8
        low, high = bootstrap.bootstrap(
            lambda rows, hits=hits: {"accuracy": hits[rows].mean()},
            300,
            seed=trial,
            rounds=200,
        )["accuracy"]
        covered += low <= 0.8 <= high
    assert 180 <= covered <= 198


def test_what_depends_on_each_other_is_drawn_together():
    rng = np.random.default_rng(0)
    values = np.repeat(rng.standard_normal(50), 8)
    widths = []
    for groups in (None, np.arange(400) // 8):
        low, high = bootstrap.bootstrap(
            lambda rows: {"mean": values[rows].mean()}, 400, groups=groups
        )["mean"]
        widths.append(high - low)
    # Eight copies of a number tell no more than one of it.
    assert widths[1] == pytest.approx(8**0.5 * widths[0], rel=0.15)


def compare(own, other, headline="accuracy"):
    targets = np.tile([0.0, 1.0], 200)
    return report.compare(
        lambda y, answers: {
            "accuracy": classification.accuracy(y, answers["p"]),
            "log_loss": classification.log_loss(y, answers["p"]),
        },
        headline,
        targets,
        {"p": own(targets)},
        {"Worse": {"p": 1 - targets}, "Coin": {"p": other(targets)}},
    )


def wrong_on(share):
    def answers(targets):
        wrong = np.arange(len(targets)) < share * len(targets)
        return np.abs(0.1 - np.where(wrong, 1 - targets, targets))

    return answers


@pytest.mark.parametrize("headline", ["accuracy", "log_loss"])
def test_a_better_model_is_called_better_and_a_worse_one_is_not(headline):
    assert compare(wrong_on(0.1), wrong_on(0.2), headline)[
        "better_than_baseline"
    ]
    assert not compare(wrong_on(0.2), wrong_on(0.1), headline)[
        "better_than_baseline"
    ]


def test_a_model_that_equals_its_baseline_is_not_better():
    report = compare(wrong_on(0.1), wrong_on(0.1))
    assert report["difference"] == (0.0, 0.0)
    assert not report["better_than_baseline"]


def test_the_table_says_so_when_the_model_is_not_better():
    report = compare(wrong_on(0.2), wrong_on(0.1))
    report |= {"examples": 400, "split": "test", "dataset": "toy"}
    report["scoring"] = "How it was scored."
    report["verdict"] = ["What comes of it."]
    table = report.table(report)
    assert table.endswith("What comes of it.")
    assert "Not better than Coin" in table
    assert "How it was scored." in table


def test_the_best_baseline_is_compared_and_the_others_are_shown():
    for headline in ("accuracy", "log_loss"):
        report = compare(wrong_on(0.1), wrong_on(0.2), headline)
        assert report["baseline"]["name"] == "Coin"
        assert report["other_baselines"]["Worse"]["accuracy"] == 0
        assert set(report["baselines"]) == {"Coin", "Worse"}
    report |= {"examples": 400, "split": "test", "dataset": "toy"}
    del report["other_baselines"]["Worse"]["log_loss"]
    lines = report.table({**report, "scoring": ""}).splitlines()
    assert lines[1].split()[-2:] == ["Coin", "Worse"]
    assert lines[2].split()[-2:] == ["0.8000", "0.000"]
    assert lines[3].split()[-1] == "-"


def test_small_and_large_scores_keep_the_digits_that_count():
    report = compare(wrong_on(0.1), wrong_on(0.2), "accuracy")
    report |= {"examples": 400, "split": "test", "dataset": "toy"}
    report |= {"scoring": "", "difference": (-0.0000314, 0.000278)}
    report["metrics"]["accuracy"] = 1234.5678
    table = report.table(report)
    assert "gain in accuracy -3.140e-05 … +0.0002780 (95 %" in table
    assert table.splitlines()[2].split()[1] == "1234.6"


@pytest.mark.parametrize("name", ["f1", "distinct_share"])
def test_the_columns_of_the_table_fit_the_names(name):
    report = {
        "metrics": {"accuracy": 0.9, name: 0.5},
        "interval": {"accuracy": (0.8, 1.0), name: (0.4, 0.6)},
        "baseline": {"name": "Coin", "metrics": {"accuracy": 0.5}},
        "other_baselines": {},
        "headline": "accuracy",
        "difference": (0.3, 0.5),
        "better_than_baseline": True,
        "examples": 400,
        "split": "test",
        "dataset": "toy",
        "scoring": "",
    }
    head, *rows = report.table(report).splitlines()[1:4]
    width = max(12, len(name))
    assert head.index("model") == width + 5
    assert [row[width : width + 10] for row in rows] == [
        "    0.9000",
        "    0.5000",
    ]
