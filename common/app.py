"""The declarations of an app. Read this to add one.

An example is a pair `(x, y)` of dicts: `x` holds raw inputs as a user has them
(a review, the bytes of a JPEG), named as the arguments of `AppModel.serve`; `y`
holds raw targets. All commands, Python and the exported SavedModel run the same
`serve`. Nothing here imports TensorFlow: `--help` must not wait for it.

The other three parts of the contract: `common/app_model.py`,
`common/evaluation/evaluation.py` and `common/interface.py`.
"""

from __future__ import annotations

import abc
import functools
import pathlib
from typing import TYPE_CHECKING
from typing import ClassVar

from common import config as config_lib
from common.data import dataset
from common.data.records import BadRecords

if TYPE_CHECKING:
    import tensorflow as tf

    from common.app_model import AppModel
    from common.evaluation.evaluation import Evaluation
    from common.interface import Interface


class App(abc.ABC):
    """One task: its options, data sets, model, evaluation and command line.

    The docstring of a subclass opens the model card.

    Attributes:
      name: As in `python -m apps.<name>`, runs/<name>, saved_models/<name>.
      Config: The options; a subclass of `common.config.Config`.
      datasets: The data sets by name; `--dataset` chooses one.
      example_inputs: Command-line words that show what a trained model does.
      limitations: Sentences for the model card: what not to expect.
    """

    name: str
    Config: type[config_lib.Config] = config_lib.Config
    datasets: ClassVar[dict[str, type[dataset.Dataset]]]
    example_inputs: tuple[str, ...]
    limitations: str

    @staticmethod
    @abc.abstractmethod
    def model_class() -> type[AppModel]:
        """Imports and returns the class of the model."""

    @staticmethod
    @abc.abstractmethod
    def evaluation_class() -> type[Evaluation]:
        """Imports and returns the class of the evaluation."""

    @staticmethod
    @abc.abstractmethod
    def interface_class() -> type[Interface]:
        """Imports and returns the class of the command-line interface."""

    # What follows is supplied, not declared.

    def __init__(
        self,
        config: config_lib.Config,
        trained_on: config_lib.Config | None = None,
    ):
        """Creates the app of a run.

        Args:
          config: The options.
          trained_on: The options of the run, where those of `config` name
            other data to evaluate it on.
        """
        self.config, self.trained_on = config, trained_on
        self.bad_records = BadRecords(
            self.run_dir / "bad_records.csv", config.bad_record_share
        )

    @property
    def run_dir(self) -> pathlib.Path:
        """The folder of the run."""
        return pathlib.Path(self.config.run_dir or f"runs/{self.name}")

    @functools.cached_property
    def dataset(self) -> dataset.Dataset:
        """The data set that --dataset chooses."""
        chosen = dataset.find(self.datasets, self.config.dataset)
        return chosen(self.config, self.bad_records)

    @functools.cached_property
    def _training_dataset(self):
        if not self.trained_on:
            return self.dataset
        chosen = dataset.find(self.datasets, self.trained_on.dataset)
        return chosen(self.trained_on, self.bad_records)

    def examples(self, split: str) -> tf.data.Dataset:
        """Returns the raw examples of "train", "valid" or "test".

        Those of the first two are always the run's own: baselines learn from
        what the model has learned from, whatever the test examples are.
        """
        source = self.dataset if split == "test" else self._training_dataset
        return source.examples(split)

    @functools.cached_property
    def evaluation(self) -> Evaluation:
        """The evaluation of this run."""
        return self.evaluation_class()(self)

    @functools.cached_property
    def interface(self) -> Interface:
        """The command-line interface of this run."""
        return self.interface_class()(self)

    def load_model(self) -> AppModel:
        """Returns the trained model of the run, as it answers.

        Raises:
          UserError: There is none, or its file is broken.
        """
        from common.training import model_file

        return model_file.load(self)
