"""A toy app, and a fixture that runs its commands."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import config
from common import runner
from common.app import App
from common.app_model import AppModel
from common.errors import UserError


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
        return x["x"], y

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    def serve(self, x):
        return {"y": self(x)}

    @classmethod
    def create(cls, config, train):
        model = cls()
        model.compile(keras.optimizers.SGD(config.learning_rate), "mse")
        return model


@dataclasses.dataclass(frozen=True, kw_only=True)
class ToyConfig(config.Config):
    slope: float = config.option(2.0, "Of the line.")
    poisoned: int = config.option(
        0, "Training examples that are no number.", minimum=0, of_run=False
    )


class Toy(App):
    """Learns a line."""

    name = "toy"
    Config = ToyConfig
    questions = ("1", "2")
    headline = "closeness"
    limits = "A line."

    def examples(self, split):
        if self.config.dataset != "sample":
            raise UserError(f"No data set {self.config.dataset!r}: use sample.")
        x = np.linspace(0, 1, 20, dtype="f4")
        if split == "train":
            x[: self.config.poisoned] = np.nan
        return tf.data.Dataset.from_tensor_slices(
            ({"x": x}, self.config.slope * x)
        )

    def licence(self):
        return "none."

    def model_class(self):
        return Line

    def score(self, targets, outputs):
        return {"closeness": -float(np.mean((targets - outputs["y"]) ** 2))}

    def baselines(self, model):
        return {"Zero": {"y": np.zeros(20, "f4")}}

    def ask(self, words):
        return {"x": tf.constant([float(word) for word in words])}

    def answer(self, words, outputs):
        for word, y in zip(words, outputs["y"].numpy()):
            yield f"{word} -> {y:.2f}"


@pytest.fixture
def toy(tmp_path, capsys):
    """Returns a function that runs a command and returns code and output."""

    def run(*argv):
        keras.utils.clear_session()  # The names of layers begin anew.
        folders = [f"--run_dir={tmp_path}/run", f"--saved_models={tmp_path}/sm"]
        code = runner.run(Toy, ["toy", *folders, "--epochs=2", *argv])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    run.app = Toy
    run.folder = tmp_path / "run"
    run.saved_models = tmp_path / "sm" / "toy"
    return run
