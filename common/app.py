"""What an app supplies; common.runner supplies the rest. Read this to add one.

An example is a pair `(x, y)`: `x` a dict of raw inputs as a user has them
(a review, the bytes of a JPEG), named as the arguments of `AppModel.serve`;
`y` the raw target. All commands run the same `serve`, and so does the exported
SavedModel. Nothing here imports TensorFlow: `--help` must not wait for it.
"""

from __future__ import annotations

import abc
import pathlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from common.bad_records import BadRecords
from common.config import Config

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf


class AppModel(abc.ABC):
    """What the model of an app can do besides being a keras.Model.

    Declare it as `class Classifier(AppModel, keras.Model)`.
    """

    @classmethod
    @abc.abstractmethod
    def create(cls, config: Config, train: tf.data.Dataset) -> AppModel:
        """Returns a compiled model; vocabularies and scales come from `train`.

        Args:
          config: the options of the run.
          train: the raw training examples.
        """

    @abc.abstractmethod
    def preprocess(self, x: dict[str, tf.Tensor], y: tf.Tensor) -> tuple:
        """Turns a raw example into inputs, targets[, weight] of a step.

        Runs inside tf.data, on one example; `common.data` pads and batches.
        """

    @abc.abstractmethod
    def serve(self, **x: tf.Tensor) -> dict[str, tf.Tensor]:
        """Turns a raw batch into named answers, one a row.

        Must be a `tf.function` with an input signature: it becomes the
        signature `serving_default` of the SavedModel.
        """


class App(abc.ABC):
    """One task: its options, examples, model, score, and how to ask it.

    Attributes:
      name: as in `python -m apps.<name>`, runs/<name>, saved_models/<name>.
      Config: the options; a subclass of `common.config.Config`.
      questions: command-line words that show what a trained model can do.
      headline: the metric by which model and baseline are compared.
      limits: sentences for the model card: what not to expect of the model.
      bad_records: `examples` reads its files through it, so that a record
        that is broken costs no more than itself.
    """

    name: str
    Config: type[Config] = Config
    questions: tuple[str, ...]
    headline: str
    limits: str

    def __init__(self, config: Config):
        self.config = config
        self.bad_records = BadRecords(
            self.run_dir / "bad_records.csv", config.bad_records
        )

    @property
    def run_dir(self) -> pathlib.Path:
        """The folder in which the files of the run lie."""
        return pathlib.Path(self.config.run_dir or f"runs/{self.name}")

    @abc.abstractmethod
    def examples(self, split: str) -> tf.data.Dataset:
        """Returns the raw examples of "train", "valid" or "test"."""

    @abc.abstractmethod
    def licence(self) -> str:
        """Returns source and licence of the data set, for the model card."""

    @abc.abstractmethod
    def model_class(self) -> type[AppModel]:
        """Returns the class of the model; imports TensorFlow only now."""

    @abc.abstractmethod
    def score(
        self, targets: np.ndarray, outputs: dict[str, np.ndarray]
    ) -> dict[str, float]:
        """Returns the metrics of the answers `outputs` to a set of examples.

        Args:
          targets: the raw `y`, (examples, ...).
          outputs: what `serve` or `baseline` returned for them.
        """

    @abc.abstractmethod
    def baseline(self) -> tuple[str, dict[str, np.ndarray]]:
        """Returns name and answers of what a sceptic would use instead.

        It may learn from the examples that the model learned from, those for
        validation included; the answers are those to the test examples.
        """

    @abc.abstractmethod
    def ask(self, words: tuple[str, ...]) -> dict[str, tf.Tensor]:
        """Turns command-line words into the arguments of `serve`."""

    @abc.abstractmethod
    def answer(
        self, words: tuple[str, ...], outputs: dict[str, tf.Tensor]
    ) -> Iterable[str]:
        """Turns what was answered to `words` into lines to print."""

    def predict(self, model: AppModel, words: tuple[str, ...]) -> Iterable[str]:
        """Returns the lines that `predict` prints; override to show more."""
        return self.answer(words, model.serve(**self.ask(words)))
