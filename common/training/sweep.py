"""A sweep: a run for each combination of options, compared on validation."""

from __future__ import annotations

import dataclasses
import pathlib
import shlex
import sys
import urllib.parse
from typing import TYPE_CHECKING
from typing import Any

from common import files
from common.errors import Diverged
from common.errors import UserError
from common.evaluation import plots
from common.evaluation import report
from common.evaluation.metric import Metric
from common.training import run_lock
from common.training import sweep_options
from common.training import trainer
from common.training.state import best_row

if TYPE_CHECKING:
    from common.app import App


@dataclasses.dataclass(frozen=True)
class Sweep:
    """The trials of a sweep.

    Attributes:
      app: The app with the options that all trials have.
      names: The options that differ.
      rows: A dict for each trial, the best first: the options, the best value
        of the validation metric as `column`, its epoch, the minutes of
        training, the folder of the run, and the problem of a trial that
        diverged, which has no values.
    """

    app: App
    names: list[str]
    rows: list[dict[str, Any]]

    @property
    def metric(self) -> Metric:
        """The metric of the validation split by which trials are compared."""
        return self.app.evaluation.epoch_metric

    @property
    def column(self) -> str:
        """The name of the metric in `rows`."""
        return f"val_{self.metric.name}"

    @property
    def best(self) -> App:
        """The trained run of the best trial."""
        return type(self.app).load(self.rows[0]["run_dir"])

    def order(self, row: dict[str, Any]) -> tuple[bool, float]:
        """Returns the key by which rows are sorted, the best one first."""
        if row["problem"]:
            return True, 0.0
        return False, -self.metric.gain(row[self.column], 0.0)

    def figure(self) -> plots.Figure:
        """Draws the scores of the trials by each option."""
        trained = [row for row in self.rows if not row["problem"]]
        return plots.sweep(trained, self.names, self.column)

    def table(self) -> str:
        """Returns the trials as lines to print, and the best one."""
        cells = [[*self.names, self.column, "epoch", "minutes"]]
        cells += map(self._cells, self.rows)
        widths = [max(map(len, column)) for column in zip(*cells)]
        lines = [
            "   ".join(c.rjust(w) for c, w in zip(row, widths)).rstrip()
            for row in cells
        ]
        best = self.rows[0]
        options = ", ".join(f"{name}={best[name]}" for name in self.names)
        run = shlex.quote(f"--run_dir={best['run_dir']}")
        return "\n".join(
            [
                *lines,
                *self._caution(),
                f"Best: {options}. To score it on the test split, which no "
                "trial has read:",
                f"  python -m apps.{self.app.name} evaluate {run}",
            ]
        )

    def _cells(self, row):
        options = [str(row[name]) for name in self.names]
        if row["problem"]:
            return [*options, "diverged", "-", "-"]
        score = report.significant(row[self.column])
        return [*options, score, str(row["epoch"]), f"{row['minutes']:.1f}"]

    def _caution(self):
        """Yields a sentence if the validation examples are not the same."""
        folders = [pathlib.Path(row["run_dir"]) for row in self.rows]
        splits = {files.read_json(f / "data.json")["valid"] for f in folders}
        if len(splits) > 1:
            yield (
                "The trials have different validation examples: their scores "
                "are comparable only where the targets are the same."
            )


def run(app: App, values: sweep_options.Values) -> Sweep:
    """Trains a run for each combination of values, and compares them.

    Each is a run of its own in <run_dir>/trials/. Those that have ended are
    kept, and one that was interrupted is resumed. The test split is not read.
    Writes sweep.csv after each trial, and sweep.png at the end.

    Args:
      app: Its options are those that all trials have.
      values: The values of each option.

    Raises:
      UsageError: An option or a value cannot be used; nothing is trained.
      UserError: A trial cannot be trained, or all have diverged.
      Stopped: A signal asked for it; the sweep can be resumed.
    """
    options = sweep_options.combinations(app.config, values)
    trials = [_trial(app, chosen) for chosen in options]
    if app.config.fresh:
        _remove_trials(app)
    for trial in trials:
        trainer.refuse_another_run(trial)
    sweep = Sweep(app, list(values), [])
    for number, (trial, chosen) in enumerate(zip(trials, options), 1):
        is_trained = (trial.run_dir / "model.keras").exists()
        print(
            f"Trial {number} of {len(trials)}: {trial.run_dir.name}"
            f"{', already trained' if is_trained else ''}"
        )
        problem = "" if is_trained else _train(trial)
        result = _result(trial.run_dir, sweep.metric, problem)
        sweep.rows.append({**chosen, **result})
        sweep.rows.sort(key=sweep.order)
        files.write_csv(app.run_dir / "sweep.csv", sweep.rows)
    if sweep.rows[0]["problem"]:
        raise UserError(f"All trials diverged: {sweep.rows[0]['problem']}")
    plots.save(sweep.figure(), app.run_dir / "sweep.png")
    return sweep


def _trial(app, chosen):
    """Returns the app of the trial with the chosen options."""
    name = ",".join(
        f"{option}={urllib.parse.quote(str(chosen[option]), safe='')}"
        for option in sorted(chosen)
    )
    of_trial = {
        "run_dir": str(app.run_dir / "trials" / name),
        "values": "",
        "trials": 0,
        "fresh": False,
    }
    return type(app)(dataclasses.replace(app.config, **chosen, **of_trial))


def _remove_trials(app):
    """Removes the runs of an earlier sweep, once the data can be read."""
    for split in ("train", "valid"):
        app.examples(split)
    for folder in (app.run_dir / "trials").glob("*"):
        trainer.remove_run(folder)


def _train(trial):
    """Trains a trial, and returns its problem; "" if there is none."""
    with run_lock.held(trial.run_dir):
        try:
            trainer.train(trial)
        except Diverged as error:
            print(f"{trial.name}: {error}", file=sys.stderr)
            return str(error)
    return ""


def _result(folder, metric, problem):
    """Returns the columns of the table that follow from training."""
    name = f"val_{metric.name}"
    result = {name: None, "epoch": None, "minutes": None}
    if not problem:
        history = files.read_csv(folder / "history.csv", "epoch", name)
        best = best_row(history, metric)
        result = {
            name: best[name],
            "epoch": int(best["epoch"]),
            "minutes": round(trainer.seconds(folder) / 60, 2),
        }
    return {**result, "run_dir": str(folder), "problem": problem}
