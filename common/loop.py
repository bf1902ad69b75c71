"""The training loop: exact to continue, safe to stop."""

from __future__ import annotations

import math
import pathlib
import sys
from collections.abc import Callable

import tensorflow as tf

from common import epochs
from common import files
from common import signals
from common import state as state_lib
from common import step as step_lib
from common.config import Config
from common.display import Display
from common.errors import UserError


class Loop:
    """Trains a model until it is finished, and saves on the way.

    A run that goes on from what was saved ends with the same bits as one that
    was not stopped. It is saved every `checkpoint_minutes`, where a signal
    asks for it, and at the end.

    Args:
      state: where the run is; the loop moves it on.
      config: options of the run.
      folder: of the run.
      batches: of epoch after epoch, from the progress of `state` on.
      steps: how many an epoch has.
      valid: batches for validation.
      judge: returns metrics of the validation examples, answered without
        their targets; calls what it is given after each batch.
    """

    def __init__(
        self,
        state: state_lib.State,
        config: Config,
        folder: pathlib.Path,
        batches: tf.data.Dataset,
        steps: int,
        valid: tf.data.Dataset,
        judge: Callable[[Callable], dict[str, float]] = lambda between: {},
    ):
        self.state, self.config, self.folder = state, config, folder
        self.model, self.progress = state.model, state.progress
        self.batches, self.steps, self.valid = iter(batches), steps, valid
        self.train_step = step_lib.training_step(
            state.model, config.clip_norm, state.norm, batches.element_spec
        )
        self.judge = judge
        self.test_step = step_lib.test_step(state.model, valid.element_spec)
        self.display = Display(folder / "tensorboard", config.epochs, steps)

    def run(self) -> None:
        """Trains until the end.

        Raises:
          Stopped: a signal asked for it; all is saved.
          UserError: the loss, a gradient or a weight is not finite, or the
            disk is full; what was saved last is whole.
        """
        with signals.deferred():
            while not self.progress.finished:
                metrics = self._train()
                with self.model.validated(self.progress.history):
                    self._end_epoch(metrics | self._validate())
                self._save_if_due()

    def _train(self):
        """Does what is left of an epoch, and returns the metrics over all."""
        if not self.progress.step:
            self.model.reset_metrics()
            self.state.norm.reset_state()
        while self.progress.step < self.steps and not self._overtime():
            bad = int(self.train_step(next(self.batches)))
            self.progress.step += 1
            if bad < 0:
                self.progress.skipped = 0
            else:
                self._skip(bad)
            self._save_if_due()
            self.display.step(self.progress.step, self.model.get_metrics_result)
        metrics = self.model.get_metrics_result()
        metrics["gradient_norm"] = self.state.norm.result()
        return {name: float(value) for name, value in metrics.items()}

    def _overtime(self):
        """Returns whether the time is over, and one step at least is done."""
        limit = 60 * self.config.max_minutes or math.inf
        return self.progress.step > 0 and self.state.seconds > limit

    def _skip(self, bad):
        """Passes over a batch that cannot be learned from, or raises.

        Args:
          bad: what the training step answered.
        """
        progress = self.progress
        progress.skipped += 1
        variables = self.model.trainable_variables
        what = "the loss"
        if bad < len(variables):
            what = f"the gradient of {variables[bad].path}"
        what = (
            f"{what} is not finite at step "
            f"{progress.epoch * self.steps + progress.step} (epoch "
            f"{progress.epoch + 1}, batch {progress.step} of {self.steps})"
        )
        if progress.skipped <= self.config.skip_bad_batches:
            print(f"Skipped a batch: {what}.", file=sys.stderr)
        else:
            raise UserError(
                f"{what}: mend the data, pass over such batches with "
                "--skip_bad_batches, or train anew with a lower "
                "--learning_rate, with a --clip_norm, and --fresh. What was "
                "saved is from before."
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
        metrics |= self.judge(self._save_if_due)
        return {f"val_{name}": value for name, value in metrics.items()}

    def _end_epoch(self, metrics):
        progress, state = self.progress, self.state
        number = progress.epoch + 1
        if not math.isfinite(metrics["val_loss"]):
            raise UserError(
                f"The validation loss of epoch {number} is "
                f"{metrics['val_loss']}: mend the validation examples, or "
                "train anew with a lower --learning_rate and --fresh. What was "
                "saved is from before."
            )
        seconds = round(state.seconds, 1)
        row = {"epoch": number, "seconds": seconds, **metrics}
        progress.history.append(row)
        since_best = number - state.best["epoch"]
        if not since_best:
            state.remember_best()
        progress.finished = (
            self._overtime()
            or since_best >= self.config.patience
            or number >= self.config.epochs
        )
        if self.config.average > 1:
            epochs.keep(
                self.folder / "epochs",
                number,
                state_lib.values(self.model.variables),
                number - since_best - self.config.average,
            )
        progress.epoch, progress.step = number, 0
        files.write_csv(self.folder / "history.csv", progress.history)
        self.display.epoch(row)

    def _is_due(self):
        """Returns whether to save: at the end, now and then, at a signal."""
        interval = 60 * self.config.checkpoint_minutes
        return (
            self.progress.finished
            or signals.pending() is not None
            or self.state.unsaved_for(interval)
        )

    def _save_if_due(self):
        if not self._is_due():
            return
        self.state.save()
        if number := signals.pending():
            raise signals.Stopped(
                number,
                f"stopped in epoch {self.progress.epoch + 1}, and saved after "
                f"{self.progress.step} of its {self.steps} steps. Without "
                "--fresh, the same command goes on from there.",
            )
