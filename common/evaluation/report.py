"""The report of an evaluation: metrics.json, and its table."""

from __future__ import annotations

import dataclasses
import math
import pathlib
import typing
from collections.abc import Sequence

from common import files

COLUMN = 9  # Characters of the longest number: 1.234e-05.


@dataclasses.dataclass(frozen=True)
class Report:
    """Metrics of a model next to those of its baselines.

    Attributes:
      dataset: Name of the data set.
      split: Name of the split.
      examples: Their number.
      primary_metric: Name of the metric that decides which is better.
      metrics: The model's, by name.
      interval: 95 % interval of each metric.
      baselines: Metrics of each baseline by name, the best one first; empty
        on the validation split.
      gain: 95 % interval of the gain in the primary metric over the best
        baseline, by a paired bootstrap; positive where the model is better.
        Empty without a baseline.
      notes: Sentences printed below the table.
      details: What else the app reports.
      options: The options that change what the model answers.
      seconds: Of training, evaluation and baselines.
      parameters: Number of trained parameters.
      train_sha256: Fingerprint of the training examples.
    """

    dataset: str
    split: str
    examples: int
    primary_metric: str
    metrics: dict[str, float]
    interval: dict[str, list[float]]
    baselines: dict[str, dict[str, float]]
    gain: list[float]
    notes: list[str]
    details: dict
    options: dict
    seconds: dict[str, float]
    parameters: int
    train_sha256: str

    @property
    def best_baseline(self) -> str:
        """Name of the best baseline by the primary metric."""
        return next(iter(self.baselines))

    @property
    def better_than_baseline(self) -> bool:
        """Whether all of the interval of the gain is positive."""
        return self.gain[0] > 0

    def write(self, path: pathlib.Path) -> None:
        """Writes metrics.json.

        Raises:
          ValueError: A metric, or a bound of an interval, is not finite: an
            error of the evaluation, not of the user.
        """
        problem = self._not_finite()
        if problem:
            raise ValueError(f"{problem}: metrics must be finite.")
        files.write_json(path, self.to_json())

    def to_json(self) -> dict:
        """Returns the fields, and the verdict that follows from them."""
        return {
            **dataclasses.asdict(self),
            "details": _without_nan(self.details),
            "best_baseline": self.best_baseline,
            "better_than_baseline": self.better_than_baseline,
        }

    def _not_finite(self):
        """Names the first number that is not finite; empty if all are."""
        of_models = {
            "model": self.metrics,
            "interval": self.interval,
            "gain": {self.primary_metric: self.gain},
            **self.baselines,
        }
        for model, metrics in of_models.items():
            for name, value in metrics.items():
                numbers = value if isinstance(value, list) else [value]
                if not all(map(math.isfinite, numbers)):
                    return f"{name} of {model} is {value}"
        return ""

    def table(self) -> str:
        """Returns the scores as lines to print."""
        lines = [
            f"{self.examples:,} {self.split} examples of {self.dataset}",
            *score_lines(self.metrics, self.interval, self.baselines),
        ]
        if self.baselines:
            lines.append(
                verdict(
                    self.best_baseline,
                    self.primary_metric,
                    self.gain,
                    "paired bootstrap",
                )
            )
        return "\n".join([*lines, *self.notes])


def score_lines(
    metrics: dict[str, float],
    interval: dict[str, list[float]],
    baselines: dict[str, dict[str, float]],
) -> list[str]:
    """Returns the lines of a table of metrics; see `Report`."""
    width = max(12, *map(len, metrics))
    header = "   ".join(f"{name:{COLUMN}}" for name in baselines)
    lines = [f"{'':{width}}{'model':>10}{'95 % interval':>22}   {header}"]
    for name, value in metrics.items():
        low, high = map(significant, interval[name])
        # A negative number has ten characters.
        row = f"{name:{width}}{significant(value):>10} {low:>9} …{high:>10}"
        for baseline, values in baselines.items():
            cell = significant(values[name]) if name in values else "-"
            row += f"   {cell:{max(COLUMN, len(baseline))}}"
        lines.append(row)
    return [line.rstrip() for line in lines]


def verdict(
    baseline: str, metric: str, gain: Sequence[float], method: str
) -> str:
    """Returns the sentence on the gain over a baseline.

    Args:
      baseline: Its name.
      metric: The name of the primary metric.
      gain: 95 % interval of the gain.
      method: How the interval was computed.
    """
    better = "Better" if gain[0] > 0 else "Not better"
    if gain[1] < 0:
        better = "Worse"
    low, high = (significant(bound, "+") for bound in gain)
    return (
        f"{better} than {baseline}: gain in {metric} {low} … {high} (95 %, "
        f"{method})."
    )


def read(path: pathlib.Path) -> Report | None:
    """Returns the report of a run; None if there is none of this form.

    Raises:
      UserError: The file is broken.
    """
    if not path.exists():
        return None
    values = files.read_json(path)
    types = typing.get_type_hints(Report)
    # Of an earlier version, or altered: `evaluate` writes it again.
    if not isinstance(values, dict) or not set(types) <= set(values):
        return None
    if not all(files.conforms(values[name], types[name]) for name in types):
        return None
    return Report(**{name: values[name] for name in types})


def _without_nan(value):
    """Returns a value of metrics.json with null for numbers JSON has not."""
    if isinstance(value, dict):
        return {key: _without_nan(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def significant(value: float, sign: str = "") -> str:
    """Formats a number with four significant digits, small or large."""
    return f"{value:{sign}{'.1f' if abs(value) >= 1000 else '#.4g'}}"
