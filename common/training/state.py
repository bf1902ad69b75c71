"""The state of a run: everything that resuming it needs."""

from __future__ import annotations

import dataclasses
import pathlib
import time
import typing

import keras
import numpy as np

from common import files
from common.errors import Diverged
from common.errors import UserError
from common.evaluation.metric import LOSS
from common.evaluation.metric import Metric
from common.training.checkpoints import Checkpoints


@dataclasses.dataclass
class Progress:
    """How far a run is.

    Attributes:
      epoch: Completed epochs.
      step: Completed training steps of the current epoch.
      skipped: Consecutive batches skipped last.
      seconds: Working time so far, including that of earlier processes.
      history: A dict for each epoch: epoch (from 1), seconds, and metrics.
      finished: Whether training is complete.
    """

    epoch: int = 0
    step: int = 0
    skipped: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = dataclasses.field(default_factory=list)
    finished: bool = False


class State:
    """Progress, variables, and the weights of the best epoch.

    Args:
      model: Built, with its optimizer and metrics.
      folder: Folder of the checkpoints.
      start: `time.monotonic()` when the work began.
      metric: Selects the best epoch by its value on the validation split.

    Attributes:
      model: The model.
      norm: keras.metrics.Mean of the global gradient norm.
      progress: A `Progress`.
    """

    def __init__(
        self,
        model: keras.Model,
        folder: pathlib.Path,
        start: float,
        metric: Metric = LOSS,
    ):
        self.model, self.metric = model, metric
        self.norm = keras.metrics.Mean("gradient_norm")
        self.progress = Progress()
        self._start = self._saved_at = start
        self._checkpoints = Checkpoints(folder)
        self._best: list[np.ndarray] = []

    @property
    def seconds(self) -> float:
        """The working time of the run so far."""
        return time.monotonic() - self._start

    @property
    def best(self) -> dict[str, float]:
        """The row of the best epoch in the history."""
        return best_row(self.progress.history, self.metric)

    def remember_best(self) -> None:
        """Remembers the current weights as the best ones."""
        self._best = values(self.model.variables)

    def keep_best(self) -> None:
        """Sets the model to the weights of the best epoch."""
        assign(self.model.variables, self._best)

    def restore(self) -> bool:
        """Restores the last checkpoint, and returns whether there is one.

        Raises:
          UserError: It belongs to another model.
        """
        checkpoint = self._checkpoints.load()
        if not checkpoint:
            return False
        progress, arrays = checkpoint
        variables = self._variables()
        try:
            assign(variables, arrays[: len(variables)])
            self.progress = Progress(**progress)
            self._require_possible(arrays[len(variables) :])
        except (ValueError, TypeError) as error:
            raise UserError(
                f"{self._checkpoints.folder} holds checkpoints of another "
                f"model ({error}): start over with --fresh."
            ) from error
        self._best = arrays[len(variables) :]
        self._start -= self.progress.seconds
        return True

    def _require_possible(self, best):
        """Raises a ValueError if progress or best weights are impossible."""
        types = typing.get_type_hints(Progress)
        for name, value in dataclasses.asdict(self.progress).items():
            if not files.conforms(value, types[name]):
                raise ValueError(f"{name} cannot be {value!r}")
        if len(best) not in (0, len(self.model.variables)):
            raise ValueError(f"the best epoch has {len(best)} variables")

    def save(self) -> None:
        """Saves a checkpoint.

        Raises:
          Diverged: A variable is not finite; earlier checkpoints stay.
          UserError: The disk is full; the same.
        """
        variables = self._variables()
        arrays = values(variables)
        for variable, array in zip(variables, arrays, strict=True):
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise Diverged(
                    f"{variable.path} is no longer finite: train again with a "
                    "lower --learning_rate and --fresh."
                )
        self.progress.seconds = self.seconds
        progress = dataclasses.asdict(self.progress)
        self._checkpoints.save(progress, [*arrays, *self._best])
        self._saved_at = time.monotonic()

    def unsaved_for(self, seconds: float) -> bool:
        """Returns whether the last checkpoint is at least that old."""
        return time.monotonic() - self._saved_at >= seconds

    def _variables(self):
        """Returns all variables that training changes, seed states included."""
        return [
            *self.model.variables,
            *self.model.optimizer.variables,
            *self.model.metrics_variables,
            *self.norm.variables,
        ]


def best_row(
    history: list[dict[str, float]], metric: Metric
) -> dict[str, float]:
    """Returns the row of the best epoch.

    Of epochs that are equal by the metric, it is the one with the lowest
    validation loss, and the first one of these.
    """
    values = [row[f"val_{metric.name}"] for row in history]
    best = metric.best(dict(enumerate(values)))
    equal = [history[best]]
    equal += [row for row, v in zip(history, values) if v == values[best]]
    return min(equal, key=lambda row: row["val_loss"])


def values(variables: list[keras.Variable]) -> list[np.ndarray]:
    """Returns copies of the values of variables."""
    return [variable.numpy() for variable in variables]


def assign(variables: list[keras.Variable], arrays: list[np.ndarray]) -> None:
    """Sets variables to arrays of their shapes.

    Raises:
      ValueError: Their number or shapes differ.
    """
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
