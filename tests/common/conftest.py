"""A toy app, and fixtures that run its commands."""

import dataclasses
import functools
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf
from matplotlib.figure import Figure

from common import config
from common import runner
from common.app import App
from common.app_model import AppModel
from common.data.dataset import Dataset
from common.evaluation import plots
from common.evaluation.evaluation import Evaluation
from common.evaluation.metric import Metric
from common.export import networks
from common.interface import Interface


@keras.saving.register_keras_serializable("test")
class Line(AppModel, keras.Model):
    """Fits y = a x + b."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.drop = keras.layers.Dropout(0.1)
        self.dense = keras.layers.Dense(1)

    def call(self, x, training=False):
        return self.dense(self.drop(x[:, None], training=training))[:, 0]

    def preprocess(self, x, y):
        return x["x"], y["y"]

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.float32, "x")],
        autograph=False,
    )
    def serve(self, x):
        return {"y": self(x)}

    def networks(self):
        def answer(run, x, y=None):
            return run("line", x=x["x"])

        return networks.Networks(
            parts={
                "line": networks.Network(
                    lambda x: {"y": self(x)},
                    [tf.TensorSpec([None], tf.float32, "x")],
                )
            },
            files={"preprocessing": {"unit": "meters"}},
            logits=lambda run, x, y: answer(run, x)["y"],
            answer=answer,
        )

    @classmethod
    def create(cls, config, train, steps_per_epoch):
        model = cls()
        model.compile(keras.optimizers.SGD(config.learning_rate), "mse")
        return model


@dataclasses.dataclass(frozen=True, kw_only=True)
class ToyConfig(config.Config):
    slope: float = config.option(2.0, "Slope of the line.", group="Data")
    poisoned: int = config.option(
        0,
        "Training examples that are not a number.",
        group="Data",
        affects="nothing",
        minimum=0,
    )


class Points(Dataset):
    """Twenty points of a line; all splits are equal."""

    name = "sample"
    help = "Twenty points."
    license = "none."

    def examples(self, split):
        x = np.linspace(0, 1, 20, dtype="f4")
        if split == "train":
            x[: self.config.poisoned] = np.nan
        return tf.data.Dataset.from_tensor_slices(
            ({"x": x}, {"y": self.config.slope * x})
        )


class ToyEvaluation(Evaluation):
    """The mean squared error, and its negative."""

    primary_metric = Metric("closeness", "Negative mean squared error.")
    metrics = (
        primary_metric,
        Metric("error", "Mean squared error.", lower_is_better=True),
    )

    def per_example(self, y, outputs):
        return {"error": (y["y"] - outputs["y"]) ** 2}

    def aggregate(self, statistics):
        error = float(statistics["error"].mean())
        return {"closeness": -error, "error": error}

    def baselines(self, model):
        return {"Zero": {"y": np.zeros(20, "f4")}}


class ToyInterface(Interface):
    """Numbers in, numbers out."""

    def parse_inputs(self, words):
        return {"x": tf.constant([float(word) for word in words])}

    def format_outputs(self, words, outputs):
        for word, y in zip(words, outputs["y"].numpy()):
            yield f"{word} -> {y:.2f}"


class Toy(App):
    """Learns a line."""

    name = "toy"
    Config = ToyConfig
    datasets = {"sample": Points}
    example_inputs = ("1", "2")
    limitations = "A line."

    @staticmethod
    def model_class():
        return Line

    @staticmethod
    def evaluation_class():
        return ToyEvaluation

    @staticmethod
    def interface_class():
        return ToyInterface


@pytest.fixture
def toy(tmp_path, capsys, monkeypatch):
    """Returns a function that runs a command and returns code and output.

    What takes longer than to train is left out: the learning curves stay
    empty, and nothing looks for the memory of earlier models.
    """
    empty = Figure(figsize=(1, 1))
    monkeypatch.setattr(plots, "learning_curves", lambda history, kept: empty)
    clear = functools.partial(keras.utils.clear_session, free_memory=False)
    monkeypatch.setattr(keras.utils, "clear_session", clear)

    def run(*argv, app_class=Toy):
        # Layer names count from one.
        keras.utils.clear_session()
        folders = [f"--run_dir={tmp_path}/run", f"--saved_models={tmp_path}/sm"]
        trains = not {"predict", "evaluate", "export"} & set(argv)
        argv = ["toy", *folders, *["--epochs=2"][:trains], *argv]
        code = runner.run(app_class, argv)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    run.app = Toy
    run.folder = tmp_path / "run"
    run.saved_models = tmp_path / "sm" / "toy"
    return run


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory):
    """Returns the folder of a trained and evaluated run."""
    folder = tmp_path_factory.mktemp("toy") / "run"
    for command in ("train", "evaluate"):
        argv = ["toy", command, f"--run_dir={folder}", "--epochs=2"]
        assert runner.run(Toy, argv) == 0
    return folder


@pytest.fixture
def trained_toy(toy, trained_folder):
    """Returns `toy` with a trained and evaluated run."""
    shutil.copytree(trained_folder, toy.folder)
    return toy
