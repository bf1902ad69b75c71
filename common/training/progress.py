"""The display of a training run: progress bar, lines, TensorBoard."""

from __future__ import annotations

import contextlib
import pathlib
import sys
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from common.errors import UserError
from common.training import streams


class Display:
    """Shows a progress bar, and a line for each epoch.

    Args:
      folder: Folder of the TensorBoard logs.
      epochs: Maximum number of epochs.
      steps: Steps of an epoch.

    Attributes:
      is_closed: Whether nobody reads the output any more.

    Raises:
      UserError: `folder` cannot be written.
    """

    def __init__(self, folder: pathlib.Path, epochs: int, steps: int):
        self._epochs, self._steps = epochs, steps
        self._folder = folder
        with self._writable():
            self._writers = {
                prefix: tf.summary.create_file_writer(str(folder / name))
                for prefix, name in {"": "train", "val_": "validation"}.items()
            }
        self._bar: Any = None
        self.is_closed = False

    def step(
        self, number: int, metrics: Callable[[], dict[str, float]]
    ) -> None:
        """Advances the progress bar, on a terminal or in a notebook.

        Args:
          number: Number of the step in its epoch, from 1.
          metrics: Returns the metrics by name.
        """
        if not (sys.stdout.isatty() or "ipykernel" in sys.modules):
            return
        values = {name: float(v) for name, v in metrics().items()}
        if not self._bar:
            self._bar = keras.utils.Progbar(
                self._steps, stateful_metrics=list(values)
            )
        self._bar.update(number, values.items())

    def epoch(self, row: dict[str, float]) -> None:
        """Prints the metrics of an epoch, and logs them for TensorBoard."""
        self._bar = None
        names = [name for name in row if name not in ("epoch", "seconds")]
        head = f"Epoch {row['epoch']}/{self._epochs}, {row['seconds']:.0f} s:"
        values = [f"{name.replace('_', ' ')} {row[name]:.4f}" for name in names]
        # Flushed, for readers of a log file.
        try:
            print(head, ", ".join(values), flush=True)
        except BrokenPipeError:
            streams.discard_output()
            self.is_closed = True
        with self._writable():
            for name in names:
                prefix = "val_" if name.startswith("val_") else ""
                with self._writers[prefix].as_default(step=row["epoch"]):
                    tf.summary.scalar(
                        f"epoch_{name.removeprefix(prefix)}", row[name]
                    )
            for writer in self._writers.values():
                writer.flush()

    @contextlib.contextmanager
    def _writable(self):
        try:
            yield
        except tf.errors.OpError as error:
            raise UserError(
                f"{self._folder} cannot be written ({error.message}): free "
                "some space, or check the permissions."
            ) from error
