"""Keeps the state of a run on disk after each epoch, to go on from there."""

import json
import pathlib
import time

import keras
import numpy as np

from common import files
from common.errors import UserError


class Checkpoint(keras.callbacks.Callback):
    """Saves after each epoch; stops training in time; ends at the best weights.

    An epoch is better when its validation loss is lower. A run that goes on
    from a checkpoint ends with the same weights as one that was not stopped:
    the state holds the variables of model and optimizer (with those of the
    dropout seeds), the best weights, and the history.

    Args:
      folder: of the run: holds checkpoints/last.npz and history.csv.
      patience: epochs without a better one after which training stops.
      max_minutes: training stops after so much time in all; 0: no limit.
      start: `time.monotonic()` at which the work began.

    Attributes:
      history: a dict for each epoch: epoch (from 1), seconds, and metrics.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        patience: int,
        max_minutes: float,
        start: float,
    ):
        super().__init__()
        self.folder = folder
        self.path = folder / "checkpoints" / "last.npz"
        self.patience = patience
        self.max_seconds = 60 * max_minutes or float("inf")
        self.start = start
        self.history = []
        self.finished = False
        self._best = None

    def restore(self, model: keras.Model) -> int:
        """Sets `model` to the saved state, and returns the epochs it has done.

        Raises:
          UserError: the file is broken, or of another model.
        """
        if not self.path.exists():
            return 0
        try:
            with np.load(self.path) as arrays:
                state = json.loads(str(arrays["state"]))
                current = [arrays[f"v{i}"] for i in range(state["variables"])]
                best = [arrays[f"b{i}"] for i in range(state["best"])]
            for variable, value in zip(_variables(model), current, strict=True):
                variable.assign(value)
        except Exception as error:  # Whatever a broken file leads to.
            raise UserError(
                f"{self.path} cannot be restored ({error}): start anew with "
                "--fresh."
            ) from error
        self.history, self._best = state["history"], best
        self.start -= self.history[-1]["seconds"]
        self.finished = state["finished"]
        return len(self.history)

    def on_train_batch_end(self, batch, logs=None):
        if time.monotonic() - self.start > self.max_seconds:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        seconds = round(time.monotonic() - self.start, 1)
        row = {"epoch": epoch + 1, "seconds": seconds, **logs}
        self.history.append({k: float(v) for k, v in row.items()})
        since_best = epoch + 1 - self.best["epoch"]
        if since_best == 0:
            self._best = [v.numpy() for v in self.model.variables]
        if since_best >= self.patience:
            self.model.stop_training = True
        self.finished = (
            self.model.stop_training or epoch + 1 >= self.params["epochs"]
        )
        self._save()

    @property
    def best(self) -> dict[str, float]:
        """The row of the history that has the lowest validation loss."""
        return min(self.history, key=lambda row: row["val_loss"])

    def keep_best(self, model: keras.Model) -> None:
        """Sets `model` to the weights of the best epoch."""
        for variable, value in zip(model.variables, self._best, strict=True):
            variable.assign(value)

    def _save(self):
        current = [v.numpy() for v in _variables(self.model)]
        state = {
            "history": self.history,
            "finished": self.finished,
            "variables": len(current),
            "best": len(self._best),
        }
        arrays = {f"v{i}": value for i, value in enumerate(current)}
        arrays |= {f"b{i}": value for i, value in enumerate(self._best)}
        with files.written_beside(self.path) as beside:
            np.savez(beside, state=json.dumps(state), **arrays)
        files.write_csv(self.folder / "history.csv", self.history)


def _variables(model):
    """Returns the variables of model and optimizer, seeds of dropout too."""
    return [*model.variables, *model.optimizer.variables]
