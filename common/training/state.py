"""All that continuing a run needs, in memory and on disk."""

from __future__ import annotations

import dataclasses
import pathlib
import time

import keras
import numpy as np

from common.errors import UserError
from common.evaluation.metric import LOSS
from common.evaluation.metric import Metric
from common.training.checkpoints import Checkpoints


@dataclasses.dataclass
class Progress:
    """How far a run is.

    Attributes:
      epoch: epochs that are done.
      step: training steps that are done of the epoch under way.
      skipped: batches that were skipped last, in a row.
      seconds: of work until now, that of earlier processes included.
      history: a dict for each epoch: epoch (from 1), seconds, and metrics.
      finished: whether there is nothing more to train.
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
      model: built, with its optimizer and metrics.
      folder: for the checkpoints.
      start: `time.monotonic()` at which the work began.
      metric: Selects the best epoch by its value on the validation split.

    Attributes:
      model: as given.
      norm: keras.metrics.Mean of the gradients' global norm.
      progress: a Progress.
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
        self._best = []

    @property
    def seconds(self) -> float:
        """The time that the run has taken until now."""
        return time.monotonic() - self._start

    @property
    def best(self) -> dict[str, float]:
        """The row of the best epoch in the history."""
        return best_row(self.progress.history, self.metric)

    def remember_best(self) -> None:
        """Takes the weights as they are for the best."""
        self._best = values(self.model.variables)

    def keep_best(self) -> None:
        """Sets the model to the weights of the best epoch."""
        assign(self.model.variables, self._best)

    def restore(self) -> None:
        """Goes back to what was saved last, if anything was.

        Raises:
          UserError: it is of another model.
        """
        found = self._checkpoints.load()
        if not found:
            return
        facts, arrays = found
        variables = self._variables()
        try:
            assign(variables, arrays[: len(variables)])
            self.progress = Progress(**facts)
        except (ValueError, TypeError) as error:
            raise UserError(
                f"{self._checkpoints.folder} holds the states of another model "
                f"({error}): start anew with --fresh."
            ) from error
        self._best = arrays[len(variables) :]
        self._start -= self.progress.seconds

    def save(self) -> None:
        """Makes this what `restore` goes back to.

        Raises:
          UserError: a variable is not finite, or the disk takes no more; what
            was saved before stays.
        """
        variables = self._variables()
        arrays = values(variables)
        for variable, array in zip(variables, arrays, strict=True):
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise UserError(
                    f"{variable.path} is not finite any more: train anew with "
                    "a lower --learning_rate and --fresh."
                )
        self.progress.seconds = self.seconds
        facts = dataclasses.asdict(self.progress)
        self._checkpoints.save(facts, [*arrays, *self._best])
        self._saved_at = time.monotonic()

    def unsaved_for(self, seconds: float) -> bool:
        """Returns whether it is so long ago that the state was saved."""
        return time.monotonic() - self._saved_at >= seconds

    def _variables(self):
        """Returns all that training changes, the seeds of dropout too."""
        return [
            *self.model.variables,
            *self.model.optimizer.variables,
            *self.model.metrics_variables,
            *self.norm.variables,
        ]


def best_row(
    history: list[dict[str, float]], metric: Metric
) -> dict[str, float]:
    """Returns the row of the best epoch, the first of equal ones."""
    values = {i: row[f"val_{metric.name}"] for i, row in enumerate(history)}
    return history[metric.best(values)]


def values(variables: list[keras.Variable]) -> list[np.ndarray]:
    """Returns copies of what variables hold."""
    return [variable.numpy() for variable in variables]


def assign(variables: list[keras.Variable], arrays: list[np.ndarray]) -> None:
    """Sets variables to arrays of their shapes.

    Raises:
      ValueError: there are more or fewer, or shapes differ.
    """
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
