"""The training loop: resumes exactly, and stops safely."""

from __future__ import annotations

import contextlib
import math
import pathlib
import sys
from collections.abc import Callable
from collections.abc import Iterator

import tensorflow as tf

from common import files
from common.config import Config
from common.errors import Diverged
from common.errors import UserError
from common.training import optimizers
from common.training import signals
from common.training import state as state_lib
from common.training import train_step
from common.training import weight_averaging
from common.training.progress import Display


class Loop:
    """Trains a model until it is finished, and saves checkpoints.

    A resumed run ends with the same bits as an uninterrupted one. A checkpoint
    is saved every `checkpoint_minutes`, at a signal, and at the end.

    Args:
      state: Where the run is; the loop advances it.
      config: Options of the run.
      folder: Folder of the run.
      batches: Epoch after epoch, from the progress of `state` on.
      steps: Batches of an epoch.
      valid: Batches for validation.
      test_step: See `train_step.test_step`.
      answer_metrics: Returns metrics of the validation examples, answered
        without their targets; calls its argument after each batch.
    """

    def __init__(
        self,
        state: state_lib.State,
        config: Config,
        folder: pathlib.Path,
        batches: tf.data.Dataset,
        steps: int,
        valid: tf.data.Dataset,
        test_step: Callable,
        answer_metrics: Callable[
            [Callable[[], None]], dict[str, float]
        ] = lambda after_batch: {},
    ):
        self.state, self.config, self.folder = state, config, folder
        self.model, self.progress = state.model, state.progress
        self.batches, self.steps, self.valid = iter(batches), steps, valid
        self.train_step = train_step.training_step(
            state.model, config.clip_norm, state.norm, batches.element_spec
        )
        self.test_step, self.answer_metrics = test_step, answer_metrics
        self.display = Display(folder / "tensorboard", config.epochs, steps)

    def run(self) -> None:
        """Trains until the end.

        Raises:
          Stopped: A signal asked for it; a checkpoint is saved.
          UserError: The loss, a gradient or a weight is not finite, or the
            disk is full; the last checkpoint is intact.
        """
        # A run that is finished may be given more epochs, or minutes.
        if self.progress.finished:
            self.progress.finished = self._is_finished(self.progress.epoch)
        with signals.deferred():
            while not self.progress.finished:
                self._begin_epoch()
                while self._has_steps():
                    self._end_step(int(self.train_step(next(self.batches))))
                metrics = self._training_metrics()
                with self._validation_weights():
                    self._end_epoch(metrics | self._validate())
                self._save_if_due()

    def _begin_epoch(self):
        if not self.progress.step:
            self.model.reset_metrics()
            self.state.norm.reset_state()

    def _end_step(self, bad_variable):
        """Counts a step; see `train_step.training_step` for the argument."""
        self.progress.step += 1
        if bad_variable < 0:
            self.progress.skipped = 0
        else:
            self._skip(bad_variable)
        self._save_if_due()
        self.display.step(self.progress.step, self.model.get_metrics_result)

    def _training_metrics(self):
        metrics = self.model.get_metrics_result()
        metrics["gradient_norm"] = self.state.norm.result()
        return {name: float(value) for name, value in metrics.items()}

    @contextlib.contextmanager
    def _validation_weights(self) -> Iterator[None]:
        """Validates and keeps the average of an optimizer that has one."""
        optimizer = self.model.optimizer
        if not isinstance(optimizer, optimizers.AveragingOptimizer):
            yield
            return
        optimizer.use_average()
        yield
        optimizer.use_last_weights()
        optimizer.end_epoch([row["val_loss"] for row in self.progress.history])

    def _has_steps(self):
        """Returns whether the epoch has more steps: at least one is done."""
        step = self.progress.step
        return step < self.steps and not (step > 0 and self._is_overtime())

    def _is_overtime(self):
        limit = 60 * self.config.max_minutes or math.inf
        return self.state.seconds > limit

    def _is_finished(self, epoch):
        """Returns whether the epoch, which has just ended, is the last one."""
        since_best = epoch - self.state.best["epoch"]
        return (
            self._is_overtime()
            or since_best >= self.config.patience
            or epoch >= self.config.epochs
        )

    def _skip(self, bad_variable):
        """Skips a batch whose loss or gradient is not finite, or raises."""
        progress = self.progress
        progress.skipped += 1
        variables = self.model.trainable_variables
        culprit = "the loss"
        if bad_variable < len(variables):
            culprit = f"the gradient of {variables[bad_variable].path}"
        problem = (
            f"{culprit} is not finite at step "
            f"{progress.epoch * self.steps + progress.step} (epoch "
            f"{progress.epoch + 1}, batch {progress.step} of {self.steps})"
        )
        if progress.skipped <= self.config.skip_bad_batches:
            print(f"Skipped a batch: {problem}.", file=sys.stderr)
        else:
            raise Diverged(
                f"{problem}: fix the data, skip such batches with "
                "--skip_bad_batches, or train again with a lower "
                "--learning_rate, with a --clip_norm, and --fresh. The last "
                "checkpoint is older."
            )

    def _validate(self):
        """Returns the metrics of the validation split."""
        variables = self.model.metrics_variables
        of_training = state_lib.values(variables)
        self.model.reset_metrics()
        for batch in self.valid:
            self.test_step(batch)
            if self._is_due():
                of_validation = state_lib.values(variables)
                state_lib.assign(variables, of_training)
                self._save_if_due()
                state_lib.assign(variables, of_validation)
        metrics = self.model.get_metrics_result()
        metrics = {name: float(value) for name, value in metrics.items()}
        state_lib.assign(variables, of_training)
        metrics |= self.answer_metrics(self._save_if_due)
        return {f"val_{name}": value for name, value in metrics.items()}

    def _end_epoch(self, metrics):
        progress, state = self.progress, self.state
        number = progress.epoch + 1
        if not math.isfinite(metrics["val_loss"]):
            raise Diverged(
                f"The validation loss of epoch {number} is "
                f"{metrics['val_loss']}: fix the validation examples, or "
                "train again with a lower --learning_rate and --fresh. The "
                "last checkpoint is older."
            )
        seconds = round(state.seconds, 1)
        row = {"epoch": number, "seconds": seconds, **metrics}
        progress.history.append(row)
        since_best = number - state.best["epoch"]
        if not since_best:
            state.remember_best()
        if self.config.average_epochs > 1:
            weight_averaging.keep(
                self.folder / "epochs",
                number,
                state_lib.values(self.model.variables),
                number - since_best - self.config.average_epochs,
            )
        progress.finished = self._is_finished(number)
        progress.epoch, progress.step = number, 0
        files.write_csv(self.folder / "history.csv", progress.history)
        self.display.epoch(row)

    def _is_due(self):
        """Returns whether to save: at intervals, and before the run ends."""
        interval = 60 * self.config.checkpoint_minutes
        return (
            self.progress.finished
            or signals.pending() is not None
            or self.display.is_closed
            or self.state.unsaved_for(interval)
        )

    def _save_if_due(self):
        if not self._is_due():
            return
        self.state.save()
        place = (
            f"stopped in epoch {self.progress.epoch + 1}, and saved after "
            f"{self.progress.step} of its {self.steps} steps. Without "
            "--fresh, the same command resumes from there."
        )
        if number := signals.pending():
            raise signals.Stopped(number, place)
        if self.display.is_closed:
            raise UserError(f"Standard output was closed: {place}")
