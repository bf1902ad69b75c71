"""What an app supplies; common.runner supplies the rest. Read this to add one.

And `common/app_model.py`: what its model supplies.

An example is a pair `(x, y)`: `x` a dict of raw inputs as a user has them
(a review, the bytes of a JPEG), named as the arguments of `AppModel.serve`;
`y` the raw target. All commands run the same `serve`, and so does the exported
SavedModel. Nothing here imports TensorFlow: `--help` must not wait for it.
"""

from __future__ import annotations

import abc
import pathlib
from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING

from common.bad_records import BadRecords
from common.config import Config

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

    from common.app_model import AppModel


class App(abc.ABC):
    """One task: its options, examples, model, score, and how to ask it.

    Attributes:
      name: as in `python -m apps.<name>`, runs/<name>, saved_models/<name>.
      Config: the options; a subclass of `common.config.Config`.
      questions: command-line words that show what a trained model can do.
      headline: the metric by which model and baseline are compared.
      converses: whether `predict` asks for its input itself, and needs none.
      restarts: models that are trained one after the other, from other seeds;
        the best by `watch` is kept.
      watch: what decides which epoch is kept: "val_loss", or a metric of
        `score` with "val_" before it: then the validation examples are
        answered, and scored, after each epoch.
      limits: sentences for the model card: what not to expect of the model.
      run_files: what a run leaves in its folder besides what all runs do.
      commands: names of methods that are commands, too, beside those of all
        apps; they get the words of the command line.
      bad_records: `examples` reads its files through it, so that a record
        that is broken costs no more than itself.
    """

    name: str
    Config: type[Config] = Config
    questions: tuple[str, ...]
    headline: str
    converses: bool = False
    restarts: int = 1
    watch: str = "val_loss"
    limits: str
    run_files: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()

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

    def ready(self, model: AppModel) -> AppModel:
        """Returns what answers: the trained model; override to set it up."""
        return model

    def answers(
        self,
        model: AppModel,
        examples: tf.data.Dataset,
        between: Callable[[], None] = lambda: None,
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Returns the targets, and what `measure` is to know of the answers.

        Override it where the answer to an example depends on those before it,
        or where not one model answers them all.

        Args:
          model: answers.
          examples: raw ones.
          between: is called now and then.
        """
        from common import data

        return data.answers(model, examples, self.config.batch_size, between)

    def measure(
        self, targets: np.ndarray, outputs: dict[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Returns what `score` is to know of each example.

        Override it where a score takes long: what an example contributes is
        measured once, and scored with many samples of the examples.

        Args:
          targets: the raw `y`, (examples, ...).
          outputs: what `answers` or `baselines` returned.
        """
        return outputs

    @abc.abstractmethod
    def score(
        self, targets: np.ndarray, outputs: dict[str, np.ndarray]
    ) -> dict[str, float]:
        """Returns the metrics of a set of answers.

        Args:
          targets: the raw `y`, (examples, ...).
          outputs: what `measure` returned for them.
        """

    def groups(self, targets: np.ndarray) -> np.ndarray | None:
        """Returns a number for each example, the same for those that depend.

        Such as the parts of a time series: intervals of the scores are those
        of independent groups. None: the examples are independent.
        """
        return None

    def conclude(
        self,
        targets: np.ndarray,
        outputs: dict[str, np.ndarray],
        others: dict[str, dict[str, np.ndarray]],
    ) -> dict:
        """Returns what metrics.json is to tell besides.

        The sentences of "verdict" are printed below the scores.

        Args:
          targets: the raw `y`, (examples, ...).
          outputs: what `measure` returned for the answers of the model.
          others: the same for the baselines, by name.
        """
        return {}

    def scoring(self) -> str:
        """Returns how the metrics are computed, if their names do not say."""
        return ""

    @abc.abstractmethod
    def baselines(self, model: AppModel) -> dict[str, dict[str, np.ndarray]]:
        """Returns the answers of what a sceptic would use instead, by name.

        They may learn from the examples that the model learned from, those
        for validation included; the answers are those to the test examples.

        Args:
          model: the trained one, for a baseline that looks with its eyes.
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
        """Yields the lines that `predict` prints; override to show more."""
        for some in self.batches(words):
            yield from self.answer(some, model.serve(**self.ask(some)))

    def batches(self, words: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
        """Yields as many words at once as the model is to be asked."""
        size = self.config.batch_size
        for start in range(0, len(words), size):
            yield words[start : start + size]
