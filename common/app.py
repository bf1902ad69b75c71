"""An app: its declarations, and its use from Python. Read this to add one.

An example is a pair `(x, y)` of dicts: `x` holds raw inputs as a user has them
(a review, the bytes of a JPEG), named as the arguments of `AppModel.serve`; `y`
holds raw targets. All commands, Python and the exported SavedModel run the same
`serve`. Nothing here imports TensorFlow: `--help` must not wait for it.

The other three parts of the contract: `common/app_model.py`,
`common/evaluation/evaluation.py` and `common/interface.py`.
"""

from __future__ import annotations

import abc
import dataclasses
import functools
import os
import pathlib
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from typing import ClassVar

from common import config as config_lib
from common import files
from common.data import dataset
from common.data.records import BadRecords
from common.errors import UserError
from common.training import run_lock
from common.training import saved_config

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd
    import tensorflow as tf
    from matplotlib.figure import Figure

    from common.app_model import AppModel
    from common.evaluation.cross_validation import CrossValidation
    from common.evaluation.evaluation import Evaluation
    from common.evaluation.report import Report
    from common.interface import Interface
    from common.training import sweep as sweep_lib

# Read when TensorFlow is imported. Its default is oneDNN on processors with
# AVX-512 alone; without it, the video apps train half as fast.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


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

    @classmethod
    def train(cls, **options: Any) -> Self:
        """Trains a model, or resumes an unfinished run.

        More `epochs` continue a finished one; `start_from` names the folder of
        a trained run whose weights and vocabulary a new one starts from.

        Args:
          **options: Those of the command `train`, e.g. `epochs=3`; the others
            have their defaults.

        Returns:
          The app of the run.

        Raises:
          UsageError: An option does not exist, or its value is not allowed.
          UserError: The data set or the folder cannot be used, or the folder
            holds a run with other options.
        """
        app = cls(config_lib.from_options(cls.Config, options))
        with run_lock.held(app.run_dir):
            app.fit()
        return app

    @classmethod
    def load(cls, run_dir: str | os.PathLike = "", **options: Any) -> Self:
        """Returns the app of a trained run.

        Args:
          run_dir: The folder of the run; runs/<name> by default.
          **options: Those that do not need another training, e.g. a beam
            width, and `dataset` or `test_file`: other data to evaluate the run
            on.

        Raises:
          UsageError: An option does not exist, or its value is not allowed, or
            it would need another training.
          UserError: There is no trained run.
        """
        options = {"run_dir": os.fspath(run_dir), **options}
        app = cls(config_lib.from_options(cls.Config, options))
        if not (app.run_dir / "config.json").exists():
            raise no_model(app.run_dir)
        saved = saved_config.read(cls.Config, app.run_dir)
        if not saved_config.has_other_data(saved, options):
            return cls(saved_config.with_options(saved, options))
        return cls(saved_config.with_other_data(saved, options), saved)

    @classmethod
    def sweep(
        cls, values: Mapping[str, Sequence], **options: Any
    ) -> sweep_lib.Sweep:
        """Trains a run with each combination of values, or resumes that.

        They are compared on the validation split; the test split is not read.

        Args:
          values: The values of each option of training that differs, e.g.
            `{"units": [64, 128], "dropout": [0.1, 0.3]}`.
          **options: As in `train`, those that all runs have; e.g. `trials=8`
            tries as many of the combinations.

        Returns:
          The trials, the best one first.

        Raises:
          UsageError: An option does not exist, or a value is not allowed.
          UserError: A run cannot be trained; see `train`.
        """
        from common.training import sweep

        app = cls(config_lib.from_options(cls.Config, options))
        with run_lock.held(app.run_dir):
            return sweep.run(app, values)

    @classmethod
    def cross_validate(cls, **options: Any) -> CrossValidation:
        """Trains and scores a model for each fold of files of the user's own.

        A model of all data is not among them: `train` makes it.

        Args:
          **options: Those of `train`, and `folds`.

        Returns:
          The means over the folds, their intervals, and all reports.

        Raises:
          UsageError: An option does not exist, or its value is not allowed.
          UserError: The data cannot be divided, or the folder holds a run or
            folds with other options or data.
        """
        app = cls(config_lib.from_options(cls.Config, options))
        with run_lock.held(app.run_dir):
            return app.fit_folds()

    def fit_folds(self) -> CrossValidation:
        """Trains and scores a model for each fold, or resumes to do so."""
        from common.evaluation import cross_validation

        return cross_validation.cross_validate(self)

    def fit(self) -> None:
        """Trains the model of the run, or resumes its training."""
        from common.training import trainer

        self.model = trainer.train(self)

    @functools.cached_property
    def model(self) -> AppModel:
        """The trained Keras model of the run, as it answers."""
        return self.load_model()

    def evaluate(self) -> Report:
        """Scores the model next to its baselines.

        The scores of the run's own test split are also written to
        metrics.json.
        """
        from common.evaluation import evaluate
        from common.training import trainer

        report = evaluate.evaluate(
            self, self.model, trainer.seconds(self.run_dir)
        )
        if report.split == "test" and not self.trained_on:
            report.write(self.run_dir / "metrics.json")
        return report

    def export(self) -> pathlib.Path:
        """Writes the model as the next version of the app's SavedModel.

        Returns:
          The folder of that version.
        """
        from common.evaluation import report as report_lib
        from common.export import model_card
        from common.export import page_description
        from common.export import saved_model

        options = dataclasses.asdict(self.trained_on or self.config)
        extra = {"config.json": files.json_text(options)}
        report = report_lib.read(self.run_dir / "metrics.json")
        if report and report.options != config_lib.answer_options(self.config):
            report = None  # The scores are of other answers.
        if report:
            extra["metrics.json"] = files.json_text(report.to_json())
        extra["MODEL_CARD.md"] = model_card.write(self, self.model, report)
        extra["page.json"] = page_description.write(self)
        folder = pathlib.Path(self.config.saved_models) / self.name
        return saved_model.publish(self.model, folder, extra)

    def predict(
        self, inputs: Sequence | pd.Series | pd.DataFrame
    ) -> list[dict[str, Any] | None] | pd.DataFrame:
        """Returns the answers of the model to inputs.

        Args:
          inputs: Texts or paths, as the command `predict` takes them, or dicts
            of the arguments of `model.serve`. None and NaN stand for missing
            inputs. Of a DataFrame, the columns are these arguments.

        Returns:
          For each input a dict from the names of outputs to text, numbers or
          NumPy arrays; None for a missing one. For a pandas object a DataFrame
          with its index.
        """
        return self.interface.answer(self.model, inputs)

    def learning_curves(self) -> Figure:
        """Draws the training and validation metrics of each epoch."""
        from common.evaluation import plots
        from common.training.state import best_row

        metric = self.evaluation.epoch_metric
        history = files.read_csv(
            self.run_dir / "history.csv", "epoch", f"val_{metric.name}"
        )
        return plots.learning_curves(
            history, int(best_row(history, metric)["epoch"])
        )

    @property
    def run_dir(self) -> pathlib.Path:
        """The folder of the run."""
        return pathlib.Path(self.config.run_dir or f"runs/{self.name}")

    @functools.cached_property
    def training_dataset(self) -> dataset.Dataset:
        """The data set of the run; not of other data to evaluate it on."""
        if not self.trained_on:
            return self.dataset
        return dataset.create(self.datasets, self.trained_on, self.bad_records)

    @functools.cached_property
    def dataset(self) -> dataset.Dataset:
        """The data set that --dataset chooses."""
        return dataset.create(self.datasets, self.config, self.bad_records)

    def examples(self, split: str) -> tf.data.Dataset:
        """Returns the raw examples of "train", "valid" or "test".

        Those of the first two are always the run's own: baselines learn from
        what the model has learned from, whatever the test examples are.
        """
        source = self.dataset if split == "test" else self.training_dataset
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


class TransferApp(App):
    """An app whose runs may also start from runs of other apps."""

    @staticmethod
    @abc.abstractmethod
    def other_starts() -> dict[
        type[App], Callable[[config_lib.Config], dict[str, Any]]
    ]:
        """Imports the other apps whose runs `start_from` may name.

        Returns:
          For each app a function from the options of such a run to those that
          a new run takes from it.
        """


def no_model(folder: pathlib.Path) -> UserError:
    """Returns the error for a folder without a trained run."""
    return UserError(
        f"No model at {folder / 'model.keras'}: run `train` first, or set "
        "--run_dir."
    )
