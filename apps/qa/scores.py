"""Accuracy by task, as the tables of the bAbI tasks give it."""

import numpy as np

FAILED = 0.05  # Error above which a task counts as failed.
PUBLISHED = """\
Published mean errors on all 20 bAbI tasks, in %: 1k LSTM 50.8 (Weston et al.
2015), Keras's example 39.2, end-to-end memory network 13.8 by task, 12.4
jointly (Sukhbaatar et al. 2015); 10k DMN+ 2.8 (Xiong et al. 2016), entity
network 0.5, none failed (Henaff et al. 2017)."""


def measured(targets: np.ndarray, outputs: dict) -> dict[str, np.ndarray]:
    """Returns for each example its task, and whether it was answered rightly.

    And, if sentences were named, how well: F1 of those that support the
    answer; NaN where the data set does not name any.

    Args:
      targets: strings (examples, 3), answer, task, and support.
      outputs: strings "answer" (examples,) and, of a model, "support".
    """
    answers, tasks, support = targets.T
    found = {
        "hit": outputs["answer"] == answers,
        "task": np.array([int(task) for task in tasks]),
    }
    if "support" in outputs:
        pairs = zip(support, outputs["support"])
        found["support"] = np.array([_f1(*pair) for pair in pairs])
    return found


def _f1(right, named):
    right, named = set(right.split(b"\n")), set(named.split(b"\n"))
    if right == {b""}:
        return np.nan
    return 2 * len(right & named) / (len(right) + len(named))


def scores(
    measured: dict[str, np.ndarray], tasks: list[int]
) -> dict[str, float]:
    """Returns accuracy, the mean over tasks, and by task.

    Args:
      measured: what `measured` returned, or some rows of it.
      tasks: the tasks of the test set; one of which there is no row counts
        as the mean of the others.
    """
    places = np.searchsorted(tasks, measured["task"])
    counts = np.bincount(places, minlength=len(tasks))
    hits = np.bincount(places, measured["hit"], minlength=len(tasks))
    by_task = hits / np.maximum(counts, 1)
    by_task[counts == 0] = by_task[counts > 0].mean()
    found = {
        "accuracy": by_task.mean(),
        "mean_error": 1 - by_task.mean(),
        "tasks_failed": np.sum(1 - by_task > FAILED),
    }
    if "support" in measured:
        known = measured["support"][~np.isnan(measured["support"])]
        found["support_f1"] = known.mean() if len(known) else 0.0
    found |= {f"accuracy_task_{t}": a for t, a in zip(tasks, by_task)}
    return {name: float(value) for name, value in found.items()}
