"""The command line: exit codes, one line for a mistake, nothing lost."""

import inspect
import io
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import runner
from common.errors import UserError
from common.evaluation.evaluation import Notes
from common.training import progress
from common.training import streams
from common.training import trainer
from common.training.state import State
from tests.common import conftest


def test_without_a_command_does_everything(toy):
    code, out, err = toy()
    assert (code, err) == (0, "")
    assert (toy.folder / "metrics.json").exists()
    assert (toy.saved_models / "1" / "saved_model.pb").exists()
    assert out.splitlines()[-2].startswith("  1 -> ")


def test_later_commands_need_only_the_run_folder(toy):
    toy("train", "--slope=3")
    argv = ["toy", "evaluate", f"--run_dir={toy.folder}"]
    assert runner.run(toy.app, argv) == 0
    saved = json.loads((toy.folder / "config.json").read_text())
    assert saved["slope"] == 3


def test_help_shows_page_commands_data_sets_and_options(toy):
    code, out, err = toy("--help")
    assert (code, err) == (0, "")
    assert inspect.getmodule(toy.app).__doc__ in out
    assert "predict\n      Answers the inputs" in out
    assert "sample\n      Twenty points." in out
    assert "--slope=2.0" in out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["fly"], "Unknown command 'fly': use all, train, evaluate"),
        (["train", "more"], "Unexpected argument 'more'"),
        (["--slop=1"], "Did you mean: slope"),
        (["--batch_size=0"], "batch_size"),
        (["--checkpoint_minutes=nan"], "must be finite, got nan"),
        (["--average=2"], "now called --average_epochs"),
        (["predict"], "at least one"),
    ],
)
def test_a_wrong_command_line_exits_with_2(toy, argv, message):
    code, _, err = toy(*argv)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
    assert not toy.folder.exists()


@pytest.mark.parametrize("command", ["evaluate", "export", "predict"])
def test_without_a_model_there_is_a_remedy(toy, command):
    code, out, err = toy(command, *(["1"] if command == "predict" else []))
    assert (code, out) == (1, "")
    assert "model.keras: run `train` first" in err
    assert err.count("\n") == 1
    assert not toy.folder.exists()


def test_serve_has_options_of_its_own(toy, capsys, tmp_path):
    code, _, err = toy("serve")
    assert (code, err) == (2, "toy: Write `serve` before its options.\n")
    argv = ["toy", "serve", f"--saved_models={tmp_path}"]
    assert runner.run(toy.app, argv) == 1
    assert "No SavedModel in" in capsys.readouterr().err
    assert runner.run(toy.app, [*argv, "--slope=3"]) == 2
    assert "Unknown command line flag 'slope'" in capsys.readouterr().err
    assert runner.run(toy.app, [*argv, "more"]) == 2
    assert "Unexpected argument 'more'" in capsys.readouterr().err
    assert runner.run(toy.app, [*argv, "--help"]) == 0
    assert "--max_rows=256" in capsys.readouterr().out


def test_an_unknown_data_set_leaves_no_run(toy):
    code, _, err = toy("train", "--dataset=nothing")
    assert code == 1
    assert "No data set 'nothing': use sample." in err
    assert not toy.folder.exists()


def test_an_unknown_data_set_does_not_cost_the_old_run(trained_toy):
    code, _, _ = trained_toy("train", "--fresh", "--dataset=nothing")
    assert code == 1
    assert trained_toy("predict", "1")[0] == 0


def test_an_app_may_have_further_commands(trained_toy):
    class Interface(conftest.ToyInterface):
        def repeat(self, model, words):
            """Repeats the words."""
            return [*words, str(self.config.slope)]

        commands = {**conftest.ToyInterface.commands, "repeat": repeat}

    class Talkative(trained_toy.app):
        @staticmethod
        def interface_class():
            return Interface

    code, out, _ = trained_toy("repeat", "me", app_class=Talkative)
    assert (code, out) == (0, "me\n2.0\n")
    code, _, err = trained_toy("fly", app_class=Talkative)
    assert code == 2
    assert "predict, repeat" in err
    _, out, _ = trained_toy("--help", app_class=Talkative)
    assert "repeat\n      Repeats the words." in out


def with_evaluation(app_class, **members):
    """Returns an app whose evaluation has other members."""
    evaluation = type("Other", (conftest.ToyEvaluation,), members)

    class Other(app_class):
        @staticmethod
        def evaluation_class():
            return evaluation

    return Other


def test_an_app_may_answer_all_examples_at_once(trained_toy):
    def predict(self, model, examples, after_batch=lambda: None):
        y = np.array([y["y"] for _, y in examples.as_numpy_iterator()])
        return {"y": y}, {"y": y}

    app_class = with_evaluation(trained_toy.app, predict=predict)
    assert trained_toy("evaluate", app_class=app_class)[0] == 0
    report = json.loads((trained_toy.folder / "metrics.json").read_text())
    assert report["metrics"] == {"closeness": 0, "error": 0}


def test_scores_of_the_validation_split_do_not_replace_those_of_the_test(
    trained_toy,
):
    before = (trained_toy.folder / "metrics.json").read_bytes()
    code, out, _ = trained_toy("evaluate", "--split=valid")
    lines = out.splitlines()
    assert (code, lines[0]) == (0, "20 valid examples of sample")
    assert lines[1].split() == ["model", "95", "%", "interval"]
    assert "better" not in out.lower()
    assert (trained_toy.folder / "metrics.json").read_bytes() == before


class Steeper(conftest.Points):
    """Points of another line."""

    name = "steeper"

    def examples(self, split):
        assert split == "test"
        return (
            super()
            .examples(split)
            .take(15)
            .map(lambda x, y: (x, {"y": 5 * y["y"]}))
        )


class Named(conftest.Points):
    """Points whose targets are names."""

    name = "named"

    def examples(self, split):
        names = super().examples(split)
        return names.map(lambda x, y: (x, {"y": tf.strings.as_string(y["y"])}))


def with_other_data(app_class, **evaluation):
    class Other(with_evaluation(app_class, **evaluation)):
        datasets = {
            **app_class.datasets,
            "steeper": Steeper,
            "named": Named,
        }

    return Other


def test_a_run_is_scored_on_other_data_next_to_its_own_baselines(trained_toy):
    def baselines(self, model):
        train, test = (
            [y["y"] for _, y in self.app.examples(s).as_numpy_iterator()]
            for s in ("train", "test")
        )
        return {"Mean": {"y": np.full(len(test), np.mean(train))}}

    before = (trained_toy.folder / "metrics.json").read_bytes()
    app_class = with_other_data(trained_toy.app, baselines=baselines)
    code, out, err = trained_toy(
        "evaluate", "--dataset=steeper", app_class=app_class
    )
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "15 test examples of steeper"
    assert lines[-1] == (
        "The model was trained on sample, and so were its baselines."
    )
    # The mean of the training targets is 1, those of the test are 10 x.
    x = np.linspace(0, 1, 20)[:15]
    error = next(line for line in lines if line.startswith("error"))
    expected = np.mean((10 * x - 1) ** 2)
    assert float(error.split()[-1]) == pytest.approx(expected, rel=1e-3)
    assert (trained_toy.folder / "metrics.json").read_bytes() == before


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (["--dataset=steeper", "--split=valid"], 2, "not the data set of the"),
        (["--dataset=steeper", "--slope=3"], 2, "an option of training"),
        (["--dataset=named"], 1, "another kind of y than sample"),
        (["--dataset=none"], 1, "No data set 'none'"),
    ],
)
def test_other_data_of_another_kind_is_refused(
    trained_toy, argv, code, message
):
    app_class = with_other_data(trained_toy.app)
    actual, _, err = trained_toy("evaluate", *argv, app_class=app_class)
    assert (actual, err.count("\n")) == (code, 1)
    assert message in err


def test_an_evaluation_may_have_clusters_and_notes(trained_toy):
    def notes(self, y, statistics, baselines):
        assert set(baselines) == {"Zero"}
        sentence = f"{len(y['y'])} of {statistics['error'].size}."
        return Notes([sentence], {"answer": 42})

    app_class = with_evaluation(
        trained_toy.app,
        notes=notes,
        clusters=lambda self, y: np.zeros(len(y["y"])),
    )
    code, out, _ = trained_toy("evaluate", app_class=app_class)
    assert (code, out.splitlines()[-1]) == (0, "20 of 20.")
    report = json.loads((trained_toy.folder / "metrics.json").read_text())
    assert report["notes"] == ["20 of 20."]
    assert report["details"] == {"answer": 42}
    # With one cluster, all resampled test sets are equal.
    assert len(set(report["gain"])) == 1


def test_names_a_folder_that_cannot_be_written(toy):
    toy.folder.write_text("a file")
    code, _, err = toy("train")
    assert code == 1
    assert f"{toy.folder} cannot be written" in err
    assert err.count("\n") == 1


def test_refuses_to_replace_a_run_with_other_options(trained_toy):
    code, _, err = trained_toy("train", "--slope=4")
    assert code == 1
    assert "--slope=4.0 (the run has 2.0)" in err
    assert "--fresh" in err
    assert trained_toy("train", "--slope=4", "--fresh")[0] == 0


def test_does_not_train_a_finished_run_again(trained_toy):
    before = (trained_toy.folder / "model.keras").read_bytes()
    code, out, _ = trained_toy("train")
    assert code == 0
    assert "already trained" in out
    assert (trained_toy.folder / "model.keras").read_bytes() == before


def test_fresh_removes_only_the_files_of_the_run(trained_toy):
    (trained_toy.folder / "notes.txt").write_text("mine")
    (trained_toy.folder / "extra").mkdir()
    assert trained_toy("train", "--fresh")[0] == 0
    assert (trained_toy.folder / "notes.txt").read_text() == "mine"
    assert not (trained_toy.folder / "extra").exists()


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
def test_names_a_truncated_file_of_a_run(trained_toy, name, share):
    path = trained_toy.folder / name
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    command = "export" if name == "metrics.json" else "evaluate"
    code, _, err = trained_toy(command)
    assert code == 1
    assert name in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_flipped_bit_of_a_model_gives_no_traceback(trained_toy, share):
    path = trained_toy.folder / "model.keras"
    content = bytearray(path.read_bytes())
    content[int(share * len(content))] ^= 1
    path.write_bytes(content)
    code, _, err = trained_toy("predict", "1")
    assert code == 1
    assert "model.keras cannot be read" in err
    assert err.count("\n") == 1


def test_fresh_removes_the_options_of_the_run_last(trained_toy, monkeypatch):
    def killed(path):
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        trained_toy("train", "--fresh", "--slope=3")
    assert not (trained_toy.folder / "model.keras").exists()
    code, _, err = trained_toy("train", "--slope=3")
    assert code == 1
    assert "holds a run with other options" in err


def test_refuses_a_model_that_contains_code(trained_toy, capsys):
    layer = keras.layers.Lambda(lambda x: print("harm") or x)
    model = keras.Sequential([keras.Input([1]), layer])
    model.save(trained_toy.folder / "model.keras")
    assert "harm" in capsys.readouterr().out
    code, out, err = trained_toy("predict", "1")
    assert code == 1
    assert "harm" not in out
    assert "model.keras cannot be read" in err
    assert err.count("\n") == 1


def test_a_run_with_options_of_an_earlier_version_is_used(trained_toy):
    path = trained_toy.folder / "config.json"
    saved = json.loads(path.read_text())
    saved["average"] = saved.pop("average_epochs")
    saved["bad_records"] = saved.pop("bad_record_share")
    path.write_text(json.dumps(saved))
    (trained_toy.folder / "metrics.json").write_text('{"headline": "old"}')
    assert trained_toy("export")[0] == 0
    card = trained_toy.saved_models / "1" / "assets.extra" / "MODEL_CARD.md"
    assert "Not evaluated" in card.read_text()
    assert trained_toy("evaluate")[0] == 0
    assert "already trained" in trained_toy("train")[1]


def test_training_stops_at_the_time_limit(toy, monkeypatch):
    minutes = property(lambda state: 60 * (state.progress.epoch + 1))
    monkeypatch.setattr(State, "seconds", minutes)
    assert toy("train", "--epochs=50", "--max_minutes=4.5")[0] == 0
    rows = (toy.folder / "history.csv").read_text().splitlines()[1:]
    assert len(rows) == 5


def test_training_stops_early_without_improvement(toy):
    toy("train", "--epochs=50", "--patience=2", "--learning_rate=0")
    rows = (toy.folder / "history.csv").read_text().splitlines()[1:]
    assert len(rows) == 3


def test_reads_one_input_per_line_of_standard_input(trained_toy, monkeypatch):
    lines = io.TextIOWrapper(io.BytesIO(b"1\n2\r\n3"))
    monkeypatch.setattr("sys.stdin", lines)
    code, out, _ = trained_toy("predict", "-")
    assert code == 0
    assert len(out.splitlines()) == 3


def test_a_word_names_an_example_of_the_test_split(trained_toy):
    app = trained_toy.app(trained_toy.app.Config())
    assert app.interface.test_example("1.5") is None
    assert float(app.interface.test_example("test:19")["x"]) == 1.0
    for number in ("20", "9" * 20, "9" * 5000):
        with pytest.raises(UserError, match="last test example is test:19"):
            app.interface.test_example(f"test:{number}")


class Mine(conftest.Points):
    """Another data set."""

    name = "mine"


class ToyOfTests(conftest.ToyInterface):
    """Takes test examples, too."""

    def parse_inputs(self, words):
        examples = [self.test_example(word) for word in words]
        values = [float(x["x"] if x else w) for w, x in zip(words, examples)]
        return {"x": tf.constant(values)}


class ToyWithMine(conftest.Toy):
    datasets = {"sample": conftest.Points, "mine": Mine}

    @staticmethod
    def interface_class():
        return ToyOfTests


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        ("sample", ["1", "2"]),
        pytest.param(
            *("mine", ["test:0", "test:1"]), marks=pytest.mark.extended
        ),
    ],
)
def test_the_last_answers_are_to_examples_of_the_data_set(toy, dataset, words):
    _, out, _ = toy(f"--dataset={dataset}", app_class=ToyWithMine)
    answers = out.split("Answers of ")[1].splitlines()[1:]
    assert [line.split(" -> ")[0].strip() for line in answers] == words


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            tf.errors.ResourceExhaustedError(None, None, "disk full\nat node"),
            "toy: disk full (ResourceExhaustedError): check the files that",
        ),
        (
            tf.errors.NotFoundError(None, None, "a.jpg; No such file"),
            "toy: a.jpg; No such file (NotFoundError): check the files",
        ),
        (
            MemoryError("8 GiB"),
            "toy: Out of memory (8 GiB): lower --batch_size",
        ),
    ],
)
def test_an_error_of_the_machine_is_one_line(toy, monkeypatch, error, line):
    def fail(*args):
        raise error

    monkeypatch.setattr(trainer, "train", fail)
    code, _, err = toy("train")
    assert code == 1
    assert err.startswith(line)
    assert err.count("\n") == 1


def test_a_fault_of_the_program_keeps_its_traceback(toy, monkeypatch):
    monkeypatch.setattr(trainer, "train", lambda app: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        toy("train")


def test_a_run_whose_output_is_closed_saves_first(toy, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(progress, "print", closed, raising=False)
        patch.setattr(streams, "discard_output", lambda: None)
        code, _, err = toy("train")
    assert code == 1
    assert "Standard output was closed: stopped in epoch 2" in err
    assert (toy.folder / "history.csv").read_text().count("\n") == 2
    assert toy("train")[0] == 0


def closed(*args, **options):
    raise BrokenPipeError


def test_every_command_is_deterministic(trained_toy, monkeypatch):
    calls = []
    monkeypatch.setattr(
        tf.config.experimental,
        "enable_op_determinism",
        lambda: calls.append("on"),
    )
    for command in (["evaluate"], ["export"], ["predict", "1"]):
        assert trained_toy(*command)[0] == 0
    assert calls == ["on"] * 3


def test_a_run_does_not_go_on_with_other_data(toy, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(progress, "print", closed, raising=False)
        patch.setattr(streams, "discard_output", lambda: None)
        toy("train")
    weights = (toy.folder / "history.csv").read_bytes()
    code, _, err = toy("train", "--poisoned=1", "--skip_bad_batches=9")
    assert code == 1
    assert "The train split is not the one with which the run in" in err
    assert (toy.folder / "history.csv").read_bytes() == weights
    assert toy("train")[0] == 0
    code, _, err = toy("evaluate", "--poisoned=1")
    assert code == 1
    assert "The train split is not the one" in err
    assert not (toy.folder / "metrics.json").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metrics", {"closeness": "high"}),
        ("metrics", []),
        ("baselines", {"none": {"closeness": float("nan")}}),
        ("gain", "large"),
        ("examples", 2.5),
        ("options", None),
    ],
)
def test_an_odd_report_counts_as_absent(trained_toy, name, value):
    path = trained_toy.folder / "metrics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))
    assert trained_toy("export")[0] == 0
    card = next(trained_toy.saved_models.glob("*/assets.extra/MODEL_CARD.md"))
    assert "Not evaluated with the options of this export" in card.read_text()


def test_odd_files_of_a_run_are_one_line(trained_toy):
    for name, content in (
        ("metrics.json", "[1"),
        ("history.csv", "epoch,loss\n1,2\n"),
        ("config.json", '{"epochs": "ten"}'),
        ("model.keras", "PK"),
    ):
        path = trained_toy.folder / name
        whole = path.read_bytes()
        path.write_text(content)
        command = "export" if name == "metrics.json" else "evaluate"
        code, _, err = trained_toy(command)
        path.write_bytes(whole)
        assert (code, err.count("\n")) == (1, 1)
        assert name in err
