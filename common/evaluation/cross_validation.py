"""Cross-validation: a model and its baselines for each fold of the data."""

from __future__ import annotations

import dataclasses
import math
import pathlib
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from common import files
from common.errors import UserError
from common.evaluation import evaluate
from common.evaluation import report as report_lib
from common.evaluation.metric import Metric
from common.evaluation.report import Report

if TYPE_CHECKING:
    from common.app import App


@dataclasses.dataclass(frozen=True)
class CrossValidation:
    """Means over folds, each scored by a model that has not seen it.

    Attributes:
      dataset: Name of the data set.
      examples: Number of test examples of all folds.
      primary_metric: Name of the metric that decides which is better.
      metrics: Mean of each metric of the models, by name.
      interval: 95 % interval of each mean.
      baselines: Mean metrics of each baseline by name, the best one first.
      gain: 95 % interval of the mean gain in the primary metric over the best
        baseline; positive where the models are better.
      folds: The report of each fold.
    """

    dataset: str
    examples: int
    primary_metric: str
    metrics: dict[str, float]
    interval: dict[str, list[float]]
    baselines: dict[str, dict[str, float]]
    gain: list[float]
    folds: list[Report]

    def write(self, path: pathlib.Path) -> None:
        """Writes metrics.json."""
        values = dataclasses.asdict(self)
        values["folds"] = [fold.to_json() for fold in self.folds]
        files.write_json(path, values)

    def table(self) -> str:
        """Returns the scores as lines to print: the means, then the folds."""
        best = next(iter(self.baselines))
        name = self.primary_metric
        return "\n".join(
            [
                f"Mean of {len(self.folds)} folds, {self.examples:,} examples "
                f"of {self.dataset}",
                *report_lib.score_lines(
                    self.metrics, self.interval, self.baselines
                ),
                report_lib.verdict(
                    best, name, self.gain, "corrected t-test over folds"
                ),
                *(
                    f"Fold {number}: {fold.examples:,} test examples, {name} "
                    f"{report_lib.significant(fold.metrics[name])}, {best} "
                    f"{report_lib.significant(fold.baselines[best][name])}"
                    for number, fold in enumerate(self.folds, 1)
                ),
            ]
        )


def cross_validate(app: App) -> CrossValidation:
    """Trains and scores a model for each fold, or resumes to do so.

    The model of a fold is a run of its own, in <run_dir>/cross_validation/1
    and so on.

    Args:
      app: Its options hold for all folds; nothing else of its run is used.

    Raises:
      UserError: The data set cannot be divided into folds, or the folder holds
        folds with other options or data.
      Stopped: A signal asked for it; the same call resumes.
    """
    from common.training import trainer

    if app.dataset.splits is None:
        raise UserError(
            f"cross_validate: the data set {app.config.dataset} has splits of "
            "its own; use train and evaluate, or name a file of examples by "
            "--train_file."
        )
    trainer.refuse_another_run(app)
    folder = app.run_dir / "cross_validation"
    folds = [
        _fold(app, number, folder / str(number))
        for number in range(1, app.config.folds + 1)
    ]
    app.bad_records.report()
    reports = []
    for number, fold in enumerate(folds, 1):
        print(f"Fold {number} of {len(folds)}:")
        model = trainer.train(fold)
        report = evaluate.evaluate(fold, model, trainer.seconds(fold.run_dir))
        report.write(fold.run_dir / "metrics.json")
        reports.append(report)
    result = summarize(reports, app.evaluation.primary_metric)
    result.write(folder / "metrics.json")
    return result


def _fold(app, number, folder):
    """Returns the app that is tested on a fold."""
    defaults = {
        field.name: field.default
        for field in dataclasses.fields(app.config)
        if field.metadata["group"] == "Evaluation"
        and field.metadata["affects"] == "nothing"
    }
    config = dataclasses.replace(app.config, **defaults, run_dir=str(folder))
    fold = type(app)(config)
    # All folds have the same files: they are read once.
    fold.dataset.splits = app.dataset.splits.fold(number, app.config.folds)
    return fold


def summarize(reports: Sequence[Report], primary: Metric) -> CrossValidation:
    """Returns the means and intervals over folds.

    Args:
      reports: One for each fold, with the same metrics and baselines.
      primary: The primary metric.
    """
    values = _by_name([report.metrics for report in reports])
    baselines = {
        baseline: _means([report.baselines[baseline] for report in reports])
        for baseline in reports[0].baselines
    }
    best = primary.best({b: m[primary.name] for b, m in baselines.items()})
    gains = [
        primary.gain(
            report.metrics[primary.name], report.baselines[best][primary.name]
        )
        for report in reports
    ]
    return CrossValidation(
        dataset=reports[0].dataset,
        examples=sum(report.examples for report in reports),
        primary_metric=primary.name,
        metrics=_means([report.metrics for report in reports]),
        interval={name: interval(v) for name, v in values.items()},
        baselines={best: baselines.pop(best), **baselines},
        gain=interval(gains),
        folds=list(reports),
    )


def _by_name(parts):
    """Returns the values of each metric that all folds have."""
    return {
        name: [part[name] for part in parts]
        for name in parts[0]
        if all(name in part for part in parts)
    }


def _means(parts):
    return {n: statistics.fmean(v) for n, v in _by_name(parts).items()}


def interval(values: Sequence[float]) -> list[float]:
    """Returns the 95 % interval of a mean over folds.

    Folds share most of their training examples: their variance alone is too
    small by the ratio of test to training examples.

    Args:
      values: One for each fold; two or more.

    Reference: Nadeau & Bengio, Inference for the Generalization Error, Machine
    Learning 52, 2003.
    """
    import scipy.stats

    folds = len(values)
    error = statistics.stdev(values) * math.sqrt(1 / folds + 1 / (folds - 1))
    half = float(scipy.stats.t.ppf(0.975, folds - 1)) * error
    mean = statistics.fmean(values)
    return [mean - half, mean + half]
