"""The command line: exit codes, one line for a mistake, nothing lost."""

import dataclasses
import io
import itertools
import json
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import checkpoint
from common import config
from common import runner
from common import training
from common.app import App
from common.app import AppModel
from common.errors import UserError


@keras.saving.register_keras_serializable("test")
class Line(AppModel, keras.Model):
    """Fits y = a x + b."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(1)

    def call(self, x):
        return self.dense(x[:, None])[:, 0]

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
        return tf.data.Dataset.from_tensor_slices(
            ({"x": x}, self.config.slope * x)
        )

    def licence(self):
        return "none."

    def model_class(self):
        return Line

    def score(self, targets, outputs):
        return {"closeness": -float(np.mean((targets - outputs["y"]) ** 2))}

    def baseline(self):
        return "Zero", {"y": np.zeros(20, "f4")}

    def ask(self, words):
        return {"x": tf.constant([float(word) for word in words])}

    def answer(self, words, outputs):
        for word, y in zip(words, outputs["y"].numpy()):
            yield f"{word} -> {y:.2f}"


@pytest.fixture
def toy(tmp_path, capsys):
    """Returns a function that runs a command and returns code and output."""

    def run(*argv):
        folders = [f"--run_dir={tmp_path}/run", f"--saved_models={tmp_path}/sm"]
        code = runner.run(Toy, ["toy", *folders, "--epochs=2", *argv])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    run.folder = tmp_path / "run"
    run.saved_models = tmp_path / "sm" / "toy"
    return run


def test_without_a_command_everything_is_done(toy):
    code, out, err = toy()
    assert (code, err) == (0, "")
    assert (toy.folder / "metrics.json").exists()
    assert (toy.saved_models / "1" / "saved_model.pb").exists()
    assert out.splitlines()[-2].startswith("  1 -> ")


def test_commands_after_training_need_the_run_folder_only(toy, capsys):
    toy("train", "--slope=3")
    argv = ["toy", "evaluate", f"--run_dir={toy.folder}"]
    assert runner.run(Toy, argv) == 0
    saved = json.loads((toy.folder / "config.json").read_text())
    assert saved["slope"] == 3


def test_help_shows_the_page_and_the_options(toy):
    code, out, err = toy("--help")
    assert (code, err) == (0, "")
    assert __doc__ in out
    assert "--slope=2.0" in out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["fly"], "'fly' is no command"),
        (["train", "more"], "'more'"),
        (["--slop=1"], "Did you mean: slope"),
        (["--batch_size=0"], "batch_size"),
        (["predict"], "at least one"),
    ],
)
def test_a_wrong_command_line_exits_with_2(toy, argv, message):
    toy("train")
    code, _, err = toy(*argv)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["evaluate", "export", "predict"])
def test_without_a_model_there_is_a_remedy(toy, command):
    code, out, err = toy(command, *(["1"] if command == "predict" else []))
    assert (code, out) == (1, "")
    assert "model.keras: run `train` first" in err
    assert err.count("\n") == 1
    assert not toy.folder.exists()


def test_a_data_set_that_is_none_leaves_no_run(toy):
    code, _, err = toy("train", "--dataset=nothing")
    assert code == 1
    assert "'nothing'" in err
    assert not toy.folder.exists()


def test_a_bad_data_set_does_not_cost_the_run_that_is_there(toy):
    toy("train")
    code, _, _ = toy("train", "--fresh", "--dataset=nothing")
    assert code == 1
    assert toy("predict", "1")[0] == 0


def test_a_folder_that_cannot_be_written_is_named(toy):
    toy.folder.write_text("a file")
    code, _, err = toy("train")
    assert code == 1
    assert f"{toy.folder}/config.json cannot be written" in err
    assert err.count("\n") == 1


def test_a_run_with_other_options_is_kept(toy):
    toy("train", "--slope=3")
    code, _, err = toy("train", "--slope=4")
    assert code == 1
    assert "--slope=4.0 (the run has 3.0)" in err
    assert "--fresh" in err
    assert toy("train", "--slope=4", "--fresh")[0] == 0


def test_a_finished_run_is_not_trained_again(toy):
    toy("train")
    before = (toy.folder / "model.keras").read_bytes()
    code, out, _ = toy("train")
    assert code == 0
    assert "trained already" in out
    assert (toy.folder / "model.keras").read_bytes() == before


def test_fresh_removes_files_of_runs_only(toy):
    toy("train")
    (toy.folder / "notes.txt").write_text("mine")
    assert toy("train", "--fresh")[0] == 0
    assert (toy.folder / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("config.json", 0),
        ("config.json", 0.5),
        ("model.keras", 0),
        ("model.keras", 0.5),
        ("metrics.json", 0),
        ("metrics.json", 0.5),
        ("history.csv", 0),
        ("history.csv", 0.4),
    ],
)
def test_a_broken_file_of_a_run_is_named(toy, name, share):
    toy("train")
    toy("evaluate")
    path = toy.folder / name
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    command = "export" if name == "metrics.json" else "evaluate"
    code, _, err = toy(command)
    assert code == 1
    assert name in err
    assert err.count("\n") == 1


def test_a_broken_checkpoint_is_named(toy, monkeypatch):
    def stop(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training, "_finish", stop)
        assert toy("train")[0] == 130
    path = toy.folder / "checkpoints" / "last.npz"
    path.write_bytes(path.read_bytes()[:100])
    code, _, err = toy("train")
    assert code == 1
    assert "last.npz" in err
    assert "--fresh" in err


def test_training_stops_in_time(toy, monkeypatch):
    minutes = itertools.count()
    clock = types.SimpleNamespace(monotonic=lambda: 60 * next(minutes))
    monkeypatch.setattr(checkpoint, "time", clock)
    monkeypatch.setattr(training, "time", clock)
    assert toy("train", "--epochs=50", "--max_minutes=8.5")[0] == 0
    rows = (toy.folder / "history.csv").read_text().splitlines()[1:]
    # One step an epoch: the clock stands at 1, 3, 5, 7, 9 minutes after it.
    assert len(rows) == 5


def test_training_stops_when_it_does_not_get_better(toy):
    toy("train", "--epochs=50", "--patience=2", "--learning_rate=0")
    rows = (toy.folder / "history.csv").read_text().splitlines()[1:]
    assert len(rows) == 3


def test_standard_input_is_asked_a_line_each(toy, monkeypatch):
    toy("train")
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n2\n3\n"))
    code, out, _ = toy("predict", "-")
    assert code == 0
    assert len(out.splitlines()) == 3
