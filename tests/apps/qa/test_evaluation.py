"""Metrics are means over tasks."""

import json

import numpy as np
import pytest
import tensorflow as tf

from apps.qa.config import QAConfig
from apps.qa.data import babi
from apps.qa.evaluation import QAEvaluation
from common import runner
from common.data import batching

Y = {
    "answer": [b"attic", b"cellar", b"yes", b"no"],
    "task": [1, 1, 3, 3],
    "support": [b"A.", b"A.\nB.", b"", b"C."],
}
OUTPUTS = {
    "answer": np.array([b"attic", b"cellar", b"yes", b"yes"], object),
    "support": np.array([b"A.", b"A.", b"C.", b"D."], object),
}


class App:
    """An app with four test examples of two tasks."""

    config = QAConfig()

    class dataset:
        @staticmethod
        def published_results(tasks):
            return f"Published: {len(tasks)} tasks."

    def examples(self, split):
        return tf.data.Dataset.from_tensor_slices(({"story": [""] * 4}, Y))


@pytest.fixture
def evaluation():
    return QAEvaluation(App())


def test_metrics_are_means_over_tasks(evaluation):
    y = batching.targets(App().examples("test"))
    statistics = evaluation.per_example(y, OUTPUTS)
    assert evaluation.measure(statistics) == pytest.approx(
        {
            "accuracy": 0.75,
            "mean_error": 0.25,
            "tasks_failed": 1,
            "support_f1": (1 + 2 / 3 + 0) / 3,
            "accuracy_task_1": 1.0,
            "accuracy_task_3": 0.5,
        }
    )
    part = {name: value[:2] for name, value in statistics.items()}
    assert evaluation.measure(part)["accuracy_task_3"] == 1.0


@pytest.mark.parametrize(("wrong", "failed"), [(1, 0), (2, 1)])
def test_a_task_fails_with_an_error_above_five_percent(
    evaluation, wrong, failed
):
    """1 - 0.95 is more than 0.05 in floating point."""
    statistics = {
        "correct": np.arange(21) >= wrong,
        "task": np.array([3] * 20 + [1]),
    }
    metrics = evaluation.measure(statistics)
    assert metrics["accuracy_task_3"] == 1 - wrong / 20
    assert metrics["tasks_failed"] == failed


def test_errors_and_failed_tasks_are_better_when_lower(evaluation):
    lower = {m.name for m in evaluation.metrics if m.lower_is_better}
    assert lower == {"mean_error", "tasks_failed"}


def test_published_results_are_those_of_the_data_set(evaluation):
    notes = evaluation.notes({}, {}, {})
    assert notes.sentences == ["Published: 2 tasks."]


def test_published_errors_are_those_of_the_same_tasks():
    def published(size, tasks):
        return babi.BAbI(QAConfig(babi_size=size), None).published_results(
            tasks
        )

    assert "on these 3 tasks" in published("10k", [2, 3, 5])
    assert ": 1.5 %" in published("10k", [2, 3, 5])
    assert ": 0.5 %" in published("10k", babi.TASKS)
    assert "12.4 jointly" in " ".join(published("1k", babi.TASKS).split())
    assert published("1k", [1, 2]) == ""


def test_every_task_is_evaluated(trained_app):
    runner.evaluate(trained_app)
    report = json.loads((trained_app.run_dir / "metrics.json").read_text())
    tasks = {f"accuracy_task_{number}" for number in range(1, 9)}
    assert set(report["metrics"]) == tasks | {
        "accuracy",
        "mean_error",
        "tasks_failed",
        "support_f1",
    }
    assert set(report["baselines"]) == {"named last", "most frequent"}
    for metrics in report["baselines"].values():
        assert set(metrics) > tasks
