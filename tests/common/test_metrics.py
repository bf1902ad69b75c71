"""Metrics equal those of scikit-learn; intervals cover what they should."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from common import metrics

ROWS = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0])),
    min_size=1,
    max_size=30,
).map(lambda rows: tuple(np.array(column, float) for column in zip(*rows)))


@given(ROWS)
def test_accuracy_and_f1_equal_scikit_learn(rows):
    targets, scores = rows
    chosen = scores >= 0.5
    assert metrics.accuracy(targets, scores) == pytest.approx(
        sklearn.metrics.accuracy_score(targets > 0.5, chosen)
    )
    assert metrics.f1(targets, scores) == pytest.approx(
        sklearn.metrics.f1_score(targets > 0.5, chosen, zero_division=0)
    )


@given(ROWS)
def test_log_loss_equals_scikit_learn(rows):
    targets, scores = rows
    assert metrics.log_loss(targets, scores) == pytest.approx(
        sklearn.metrics.log_loss(
            targets, np.clip(scores, 1e-7, 1 - 1e-7), labels=[0, 1]
        )
    )


@given(ROWS)
def test_roc_auc_equals_scikit_learn_with_ties(rows):
    targets, scores = rows
    if len(set(targets)) < 2:
        assert metrics.roc_auc(targets, scores) == 0.5
    else:
        assert metrics.roc_auc(targets, scores) == pytest.approx(
            sklearn.metrics.roc_auc_score(targets, scores)
        )


def test_an_interval_covers_the_truth_19_times_of_20():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        hits = rng.random(300) < 0.8
        low, high = metrics.bootstrap(
            lambda rows, hits=hits: {"accuracy": hits[rows].mean()},
            300,
            seed=trial,
            rounds=200,
        )["accuracy"]
        covered += low <= 0.8 <= high
    assert 180 <= covered <= 198


def compare(own, other, headline="accuracy"):
    targets = np.tile([0.0, 1.0], 200)
    return metrics.compare(
        lambda y, answers: {
            "accuracy": metrics.accuracy(y, answers["p"]),
            "log_loss": metrics.log_loss(y, answers["p"]),
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
    table = metrics.table(report)
    assert "Not better than Coin" in table
    assert "How it was scored." in table


def test_the_best_baseline_is_compared_and_the_others_are_shown():
    for headline in ("accuracy", "log_loss"):
        report = compare(wrong_on(0.1), wrong_on(0.2), headline)
        assert report["baseline"]["name"] == "Coin"
        assert report["other_baselines"]["Worse"]["accuracy"] == 0
    report |= {"examples": 400, "split": "test", "dataset": "toy"}
    del report["other_baselines"]["Worse"]["log_loss"]
    lines = metrics.table({**report, "scoring": ""}).splitlines()
    assert lines[1].split()[-2:] == ["Coin", "Worse"]
    assert lines[2].split()[-2:] == ["0.8000", "0.0000"]
    assert lines[3].split()[-1] == "-"
