"""Accuracy by task, and F1 of the supporting sentences."""

import functools

import numpy as np

from apps.qa import baselines
from common.data import batching
from common.evaluation.evaluation import Evaluation
from common.evaluation.evaluation import Notes
from common.evaluation.metric import Metric

FAILED = 0.05  # A task with a higher error counts as failed.


class QAEvaluation(Evaluation):
    """Scores answers as in the tables of the bAbI tasks: means over tasks."""

    primary_metric = Metric(
        "accuracy",
        "Share of questions answered correctly, averaged over the tasks.",
    )

    @functools.cached_property
    def tasks(self) -> list[int]:
        """The tasks of the split to score, in ascending order."""
        y = batching.targets(self.app.examples(self.config.split))
        return np.unique(y["task"]).tolist()

    @functools.cached_property
    def metrics(self):
        """Metrics of all tasks together, then the accuracy of each task."""
        return (
            self.primary_metric,
            Metric(
                "mean_error",
                "Share of questions answered incorrectly, averaged over the "
                "tasks.",
                lower_is_better=True,
            ),
            Metric(
                "tasks_failed",
                f"Number of tasks with an error above {FAILED:.0%}.",
                lower_is_better=True,
            ),
            Metric(
                "support_f1",
                "F1 of the supporting sentences, averaged over the questions "
                "for which the data set names them.",
            ),
            *(
                Metric(
                    f"accuracy_task_{task}",
                    f"Share of questions of task {task} answered correctly.",
                )
                for task in self.tasks
            ),
        )

    def per_example(self, y, outputs):
        statistics = {
            "correct": outputs["answer"] == y["answer"],
            "task": y["task"],
        }
        if "support" in outputs:  # Baselines have none.
            pairs = zip(y["support"], outputs["support"])
            statistics["support_f1"] = np.array([_f1(*pair) for pair in pairs])
        return statistics

    def aggregate(self, statistics):
        places = np.searchsorted(self.tasks, statistics["task"])
        size = len(self.tasks)
        counts = np.bincount(places, minlength=size)
        correct = np.bincount(places, statistics["correct"], minlength=size)
        accuracies = correct / np.maximum(counts, 1)
        # A resampled test set may lack a task.
        accuracies[counts == 0] = accuracies[counts > 0].mean()
        metrics = {
            "accuracy": accuracies.mean(),
            "mean_error": 1 - accuracies.mean(),
            # 1 - 0.95 is a little more than 0.05.
            "tasks_failed": np.sum(np.round(1 - accuracies, 9) > FAILED),
        }
        if "support_f1" in statistics:
            values = statistics["support_f1"]
            values = values[~np.isnan(values)]
            metrics["support_f1"] = values.mean() if len(values) else 0.0
        metrics |= {
            f"accuracy_task_{task}": accuracy
            for task, accuracy in zip(self.tasks, accuracies)
        }
        return {name: float(value) for name, value in metrics.items()}

    def baselines(self, model):
        train, valid, test = (
            self.app.examples(name) for name in ("train", "valid", "test")
        )
        training = train.concatenate(valid)
        return {
            "most frequent": {
                "answer": baselines.most_frequent(training, test)
            },
            "named last": {"answer": baselines.last_named(training, test)},
        }

    def notes(self, y, statistics, baselines):
        published = self.app.dataset.published_results(self.tasks)
        return Notes([published] if published else [])


def _f1(expected, actual):
    """Returns the F1 of sentences, one per line; NaN if none are expected."""
    expected, actual = set(expected.split(b"\n")), set(actual.split(b"\n"))
    if expected == {b""}:
        return np.nan
    return 2 * len(expected & actual) / (len(expected) + len(actual))
