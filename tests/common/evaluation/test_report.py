"""Intervals cover the truth; a model is called better only if it is."""

import dataclasses
import json
import types

import numpy as np
import pytest

from common.errors import UserError
from common.evaluation import bootstrap
from common.evaluation import evaluate
from common.evaluation import report
from common.evaluation.evaluation import Evaluation
from common.evaluation.metric import LOSS
from common.evaluation.metric import Metric
from common.evaluation.metrics import classification


def test_an_interval_covers_the_truth_19_times_of_20():
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        hits = rng.random(300) < 0.8
        ((low, high),) = bootstrap.interval(
            lambda rows, hits=hits: [hits[rows].mean()],
            300,
            seed=trial,
            rounds=200,
        )
        covered += low <= 0.8 <= high
    assert 180 <= covered <= 198


def test_an_interval_depends_on_the_seed_alone():
    values = np.random.default_rng(0).random(30)
    first, second, third = (
        bootstrap.interval(lambda rows: [values[rows].mean()], 30, seed)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert np.all(first != third)


def test_examples_of_a_cluster_are_drawn_together():
    rng = np.random.default_rng(0)
    values = np.repeat(rng.standard_normal(50), 8)
    widths = []
    for clusters in (None, np.arange(400) // 8):
        ((low, high),) = bootstrap.interval(
            lambda rows: [values[rows].mean()], 400, clusters=clusters
        )
        widths.append(high - low)
    # Eight copies of a number carry no more information than one.
    assert widths[1] == pytest.approx(8**0.5 * widths[0], rel=0.15)


ACCURACY = Metric("accuracy", "Share of hits.")
LOG_LOSS = Metric("log_loss", "Mean negative log-likelihood.", True, "nats")


class BinaryEvaluation(Evaluation):
    """Scores probabilities."""

    metrics = (ACCURACY, LOG_LOSS)

    def __init__(self, primary_metric):
        super().__init__(types.SimpleNamespace(config=None))
        self.primary_metric = primary_metric

    def per_example(self, y, outputs):
        return {**y, **outputs}

    def aggregate(self, statistics):
        arguments = statistics["label"], statistics["p"]
        return {
            "accuracy": classification.accuracy(*arguments),
            "log_loss": classification.log_loss(*arguments),
        }

    def baselines(self, model):
        return {}


def compare(model_errors, baseline_errors, primary=ACCURACY):
    """Compares a model and a baseline by their shares of wrong answers."""
    labels = np.tile([0.0, 1.0], 200)

    def statistics(errors):
        wrong = np.arange(400) < errors * 400
        p = np.abs(0.1 - np.where(wrong, 1 - labels, labels))
        return {"label": labels, "p": p}

    values = evaluate.compare(
        BinaryEvaluation(primary),
        statistics(model_errors),
        {"Inverse": statistics(1.0), "Rival": statistics(baseline_errors)},
    )
    return report.Report(
        dataset="toy",
        split="test",
        examples=400,
        primary_metric=primary.name,
        **values,
        notes=["A note."],
        details={"more": 1},
        options={"average_epochs": 1},
        seconds={"train": 1.0},
        parameters=7,
        train_sha256="0" * 64,
    )


@pytest.mark.parametrize("primary", [ACCURACY, LOG_LOSS])
def test_only_a_better_model_is_called_better(primary):
    assert compare(0.1, 0.2, primary).better_than_baseline
    assert not compare(0.2, 0.1, primary).better_than_baseline


def test_a_model_that_equals_its_baseline_is_not_better():
    same = compare(0.1, 0.1)
    assert same.gain == [0.0, 0.0]
    assert not same.better_than_baseline


@pytest.mark.parametrize("primary", [ACCURACY, LOG_LOSS])
def test_the_best_baseline_is_compared_and_listed_first(primary):
    scores = compare(0.1, 0.2, primary)
    assert scores.best_baseline == "Rival"
    assert list(scores.baselines) == ["Rival", "Inverse"]
    assert scores.baselines["Inverse"]["accuracy"] == 0


def test_the_table_ends_with_the_verdict_and_the_notes():
    scores = compare(0.2, 0.1)
    del scores.baselines["Inverse"]["log_loss"]
    lines = scores.table().splitlines()
    assert lines[0] == "400 test examples of toy"
    assert lines[1].split()[-2:] == ["Rival", "Inverse"]
    assert lines[3].split()[0] == "log_loss"
    assert lines[3].split()[-1] == "-"
    assert lines[4].startswith("Worse than Rival: gain in accuracy -")
    assert lines[5:] == ["A note."]


def test_a_report_is_read_as_it_was_written(tmp_path):
    scores = compare(0.1, 0.2)
    scores.write(tmp_path / "metrics.json")
    assert report.read(tmp_path / "metrics.json") == scores


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_metrics_that_are_not_finite_are_never_written(tmp_path, value):
    path = tmp_path / "metrics.json"
    for place, name in (
        ("metrics", "accuracy of model"),
        ("interval", "accuracy of interval"),
        ("baselines", "accuracy of Rival"),
    ):
        scores = compare(0.1, 0.2)
        numbers = getattr(scores, place)
        numbers.get("Rival", numbers)["accuracy"] = (
            [0.0, value] if place == "interval" else value
        )
        with pytest.raises(ValueError, match=f"{name} is .*must be finite"):
            scores.write(path)
        assert not path.exists()


def test_details_that_are_not_finite_are_null(tmp_path):
    path = tmp_path / "metrics.json"
    details = {"p": [float("nan"), {"q": float("inf")}, 1.5]}
    dataclasses.replace(compare(0.1, 0.2), details=details).write(path)
    assert json.loads(path.read_text())["details"] == {
        "p": [None, {"q": None}, 1.5]
    }


def test_a_report_with_nan_of_an_earlier_version_counts_as_absent(tmp_path):
    path = tmp_path / "metrics.json"
    scores = compare(0.1, 0.2)
    scores.write(path)
    text = path.read_text()
    path.write_text(text.replace(str(scores.gain[0]), "NaN"))
    assert report.read(path) is None


def test_a_report_of_an_earlier_version_counts_as_absent(tmp_path):
    path = tmp_path / "metrics.json"
    assert report.read(path) is None
    path.write_text('{"metrics": {}, "headline": "accuracy"}')
    assert report.read(path) is None
    path.write_text('{"metrics": ')
    with pytest.raises(UserError, match=r"metrics\.json is not a JSON file"):
        report.read(path)


def test_a_metric_that_is_not_declared_is_an_error():
    evaluation = BinaryEvaluation(ACCURACY)
    evaluation.metrics = (ACCURACY,)
    statistics = {"label": np.ones(3), "p": np.ones(3)}
    with pytest.raises(ValueError, match="log_loss"):
        evaluation.measure(statistics)


def test_a_metric_knows_its_direction():
    wer = Metric("wer", "Word error rate.", lower_is_better=True)
    assert wer.best({"a": 0.3, "b": 0.1, "c": 0.1}) == "b"
    assert wer.gain(0.1, 0.3) == pytest.approx(0.2)
    assert ACCURACY.best({"a": 0.3, "b": 0.1}) == "a"
    assert ACCURACY.gain(0.1, 0.3) == pytest.approx(-0.2)


def test_the_validation_loss_selects_the_epoch_unless_a_metric_does():
    evaluation = BinaryEvaluation(ACCURACY)
    assert evaluation.epoch_metric is LOSS
    assert LOSS.lower_is_better
    chosen = dataclasses.replace(LOG_LOSS, selects_epoch=True)
    evaluation.metrics = (ACCURACY, chosen)
    assert evaluation.epoch_metric is chosen
