"""Means over folds, and intervals that are not too narrow."""

import dataclasses

import numpy as np
import pytest

from common.evaluation import cross_validation
from common.evaluation.metric import Metric
from common.evaluation.report import Report

ERROR = Metric("error", "Mean error.", lower_is_better=True)


def report(error, zero, one, examples=10):
    return Report(
        dataset="mine.csv",
        split="test",
        examples=examples,
        primary_metric="error",
        metrics={"error": error},
        interval={"error": [0.0, 1.0]},
        baselines={"Zero": {"error": zero}, "One": {"error": one}},
        gain=[0.0, 1.0],
        notes=[],
        details={},
        options={},
        seconds={"train": 1.0},
        parameters=1,
        train_sha256="",
    )


def test_means_and_gains_are_those_of_the_folds():
    result = cross_validation.summarize(
        [report(1, 5, 4), report(2, 9, 4, examples=11), report(3, 7, 4)], ERROR
    )
    assert result.metrics == {"error": 2}
    assert result.examples == 31
    # The best baseline is the first; lower is better.
    assert list(result.baselines) == ["One", "Zero"]
    assert result.baselines["Zero"] == {"error": 7}
    low, high = result.gain
    assert (low + high) / 2 == pytest.approx(2)
    # Deviation 1; t of 2 degrees of freedom; 1/3 + 1/2 of the variance.
    assert (high - low) / 2 == pytest.approx(4.30265 * (5 / 6) ** 0.5, rel=1e-4)
    lines = result.table().splitlines()
    assert lines[3].startswith("Not better than One: gain in error")
    assert lines[-2:] == [
        "Fold 2: 11 test examples, error 2.000, One 4.000",
        "Fold 3: 10 test examples, error 3.000, One 4.000",
    ]


def test_a_metric_that_a_fold_does_not_have_is_left_out():
    second = report(2, 9, 4)
    second.metrics["kappa"] = 0.5
    second.baselines["Zero"]["kappa"] = 0.5
    for reports in ([report(1, 5, 4), second], [second, report(1, 5, 4)]):
        result = cross_validation.summarize(reports, ERROR)
        assert list(result.metrics) == list(result.interval) == ["error"]
        assert list(result.baselines["Zero"]) == ["error"]


def test_the_interval_of_equal_folds_has_no_width():
    assert cross_validation.interval([0.5, 0.5]) == [0.5, 0.5]


def test_the_interval_covers_the_truth_although_folds_share_examples():
    """Of a mean that is learned from the other folds."""
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(300):
        values = rng.standard_normal((5, 8))
        scores = []
        for fold in range(5):
            learned = np.delete(values, fold, 0).mean()
            scores.append(float(np.mean((values[fold] - learned) ** 2)))
        low, high = cross_validation.interval(scores)
        # Of a new example, next to a mean of 32.
        covered += low <= 1 + 1 / 32 <= high
    assert covered >= 0.95 * 300


def test_metrics_json_has_the_reports(tmp_path):
    result = cross_validation.summarize([report(1, 5, 4)] * 2, ERROR)
    result.write(tmp_path / "metrics.json")
    text = (tmp_path / "metrics.json").read_text()
    assert all(f'"{f.name}"' in text for f in dataclasses.fields(result))
    assert text.count('"best_baseline"') == 2
