"""Evaluates a model next to its baselines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from common import config as config_lib
from common.data import batching
from common.data import fingerprints
from common.errors import UserError
from common.evaluation import bootstrap
from common.evaluation.evaluation import Notes
from common.evaluation.report import Report

if TYPE_CHECKING:
    import numpy as np

    from common.app import App
    from common.app_model import AppModel
    from common.evaluation.evaluation import Evaluation

    Arrays = dict[str, np.ndarray]


def evaluate(app: App, model: AppModel, training_seconds: float) -> Report:
    """Returns the report of a model on the split that --split chooses.

    That of the validation split has no baselines, which may have learned from
    it, and no notes.

    Args:
      app: Its evaluation, config and examples.
      model: The trained model.
      training_seconds: How long training took.

    Raises:
      UserError: The split is empty, cannot be read or has other targets than
        the training split, or the training split has changed since the
        training.
    """
    evaluation, split = app.evaluation, app.config.split
    examples = app.examples(split)
    app.bad_records.report()
    source = app.config.source(split)
    batching.refuse_empty(examples, f"{split} split of {source}")
    if app.trained_on:
        _require_same_kind(app, examples)
    train = fingerprints.fingerprint(app.examples("train"))
    fingerprints.require_same(app.run_dir, {"train": train})
    start = time.monotonic()
    y, outputs = evaluation.predict(model, examples)
    middle = time.monotonic()
    baselines = evaluation.baselines(model) if split == "test" else {}
    end = time.monotonic()
    statistics = evaluation.per_example(y, outputs)
    baseline_statistics = {
        name: evaluation.per_example(y, answers)
        for name, answers in baselines.items()
    }
    notes = (
        evaluation.notes(y, statistics, baseline_statistics)
        if baselines
        else Notes()
    )
    sentences = notes.sentences
    if split == "test":
        sentences = [*_leak(app), *sentences]
    if app.trained_on:
        sentences = [_origin(app), *sentences]
    return Report(
        dataset=source,
        split=split,
        examples=_length(y),
        primary_metric=evaluation.primary_metric.name,
        **compare(
            evaluation,
            statistics,
            baseline_statistics,
            app.config.seed,
            evaluation.clusters(y),
        ),
        notes=sentences,
        details=notes.details,
        options=config_lib.answer_options(app.config),
        seconds={
            "train": training_seconds,
            "evaluate": round(middle - start, 1),
            "baseline": round(end - middle, 1),
        },
        parameters=model.count_params(),
        train_sha256=train,
    )


def _require_same_kind(app, examples):
    """Refuses other data whose inputs or targets are not those of the run."""
    own, other = (
        {
            part: (spec.dtype, spec.shape.rank)
            for values in data.element_spec
            for part, spec in values.items()
        }
        for data in (app.examples("train"), examples)
    )
    for part, kind in own.items():
        if other.get(part) != kind:
            raise UserError(
                f"{app.config.dataset} has another kind of {part} "
                f"than {app.trained_on.dataset}, on which the model was "
                "trained: choose a data set of the same kind."
            )


def _leak(app):
    """Yields a sentence on test examples that are also training examples."""
    test, training = app.dataset.splits, app.training_dataset.splits
    if test is not None and training is not None:
        yield from filter(None, [test.leak(training)])


def _origin(app):
    dataset = app.trained_on.dataset
    return f"The model was trained on {dataset}, and so were its baselines."


def compare(
    evaluation: Evaluation,
    statistics: Arrays,
    baselines: dict[str, Arrays],
    seed: int = 0,
    clusters: np.ndarray | None = None,
) -> dict:
    """Returns the metrics, intervals, baselines and gain of a `Report`.

    Args:
      evaluation: Its `aggregate` and primary metric.
      statistics: Statistics of the model, each (examples, ...).
      baselines: Statistics of each baseline by name.
      seed: Seed of the bootstrap.
      clusters: See `bootstrap.interval`.
    """
    primary = evaluation.primary_metric
    own = evaluation.measure(statistics)
    metrics = {name: evaluation.measure(baselines[name]) for name in baselines}
    best = None
    if baselines:
        best = primary.best({n: m[primary.name] for n, m in metrics.items()})
        metrics = {best: metrics.pop(best), **metrics}

    def own_metrics_and_gain(rows):
        model = evaluation.aggregate(_rows(statistics, rows))
        values = [model[name] for name in own]
        if best is None:
            return values
        baseline = evaluation.aggregate(_rows(baselines[best], rows))
        gain = primary.gain(model[primary.name], baseline[primary.name])
        return [*values, gain]

    intervals = bootstrap.interval(
        own_metrics_and_gain, _length(statistics), seed, clusters=clusters
    ).tolist()
    return {
        "metrics": own,
        "interval": dict(zip(own, intervals)),
        "baselines": metrics,
        "gain": intervals[-1] if baselines else [],
    }


def _rows(statistics, rows):
    return {name: values[rows] for name, values in statistics.items()}


def _length(arrays):
    return len(next(iter(arrays.values())))
