"""The command line: exit codes, one line for a mistake, nothing lost."""

import inspect
import io
import json

import keras
import numpy as np
import pytest

from common import runner
from common.training.state import State


def test_without_a_command_everything_is_done(toy):
    code, out, err = toy()
    assert (code, err) == (0, "")
    assert (toy.folder / "metrics.json").exists()
    assert (toy.saved_models / "1" / "saved_model.pb").exists()
    assert out.splitlines()[-2].startswith("  1 -> ")


def test_commands_after_training_need_the_run_folder_only(toy):
    toy("train", "--slope=3")
    argv = ["toy", "evaluate", f"--run_dir={toy.folder}"]
    assert runner.run(toy.app, argv) == 0
    saved = json.loads((toy.folder / "config.json").read_text())
    assert saved["slope"] == 3


def test_help_shows_the_page_and_the_options(toy):
    code, out, err = toy("--help")
    assert (code, err) == (0, "")
    assert inspect.getmodule(toy.app).__doc__ in out
    assert "--slope=2.0" in out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["fly"], "'fly' is no command"),
        (["train", "more"], "'more'"),
        (["--slop=1"], "Did you mean: slope"),
        (["--batch_size=0"], "batch_size"),
        (["--checkpoint_minutes=nan"], "checkpoint_minutes=nan"),
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


def test_an_app_may_have_commands_of_its_own(toy, monkeypatch):
    asked = []

    def tell(app, *words):
        asked.append((app.config.slope, words))

    monkeypatch.setattr(toy.app, "tell", tell, raising=False)
    monkeypatch.setattr(toy.app, "commands", ("tell",))
    toy("train", "--slope=3")
    assert toy("tell", "me", "more")[0] == 0
    assert asked == [(3, ("me", "more"))]
    code, _, err = toy("fly")
    assert code == 2
    assert "tell" in err


def test_an_app_may_answer_all_examples_at_once(toy, monkeypatch):
    def answers(app, model, examples, between=lambda: None):
        targets = np.array([y for _, y in examples.as_numpy_iterator()])
        return targets, {"y": targets}

    toy("train")
    monkeypatch.setattr(toy.app, "answers", answers)
    assert toy("evaluate")[0] == 0
    report = json.loads((toy.folder / "metrics.json").read_text())
    assert report["metrics"] == {"closeness": 0}


def test_a_folder_that_cannot_be_written_is_named(toy):
    toy.folder.write_text("a file")
    code, _, err = toy("train")
    assert code == 1
    assert f"{toy.folder} cannot be written" in err
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


def test_fresh_removes_what_the_app_adds_to_a_run(toy, monkeypatch):
    monkeypatch.setattr(toy.app, "run_files", ("extra",))
    toy("train")
    (toy.folder / "extra").mkdir()
    assert toy("train", "--fresh")[0] == 0
    assert not (toy.folder / "extra").exists()


def test_an_app_answers_groups_and_concludes(toy, monkeypatch):
    def answers(app, model, examples, between=None):
        targets = np.array([float(y) for _, y in examples])
        return targets, {"y": targets}

    def conclude(app, targets, outputs, others):
        assert set(others) == {"Zero"}
        return {"verdict": [f"{len(targets)} of {outputs['y'].size}."]}

    toy("train")
    monkeypatch.setattr(toy.app, "answers", answers)
    monkeypatch.setattr(toy.app, "groups", lambda app, y: np.zeros(len(y)))
    monkeypatch.setattr(toy.app, "conclude", conclude)
    code, out, _ = toy("evaluate")
    assert (code, out.splitlines()[-1]) == (0, "20 of 20.")
    report = json.loads((toy.folder / "metrics.json").read_text())
    assert report["metrics"] == {"closeness": 0.0}
    # There is but one group: every sample is the same.
    assert len(set(report["difference"])) == 1


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


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_flipped_bit_of_a_model_is_no_traceback(toy, share):
    toy("train")
    path = toy.folder / "model.keras"
    content = bytearray(path.read_bytes())
    content[int(share * len(content))] ^= 1
    path.write_bytes(content)
    code, _, err = toy("predict", "1")
    assert code == 1
    assert "model.keras cannot be read" in err
    assert err.count("\n") == 1


def test_the_options_of_a_run_are_removed_last(toy, monkeypatch):
    toy("train")

    def killed(path):
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        toy("train", "--fresh", "--slope=3")
    assert not (toy.folder / "model.keras").exists()
    code, _, err = toy("train", "--slope=3")
    assert code == 1
    assert "holds a run with other options" in err


def test_a_model_that_brings_code_of_its_own_is_refused(toy, capsys):
    toy("train")
    layer = keras.layers.Lambda(lambda x: print("harm") or x)
    model = keras.Sequential([keras.Input([1]), layer])
    model.save(toy.folder / "model.keras")
    assert "harm" in capsys.readouterr().out
    code, out, err = toy("predict", "1")
    assert code == 1
    assert "harm" not in out
    assert "model.keras cannot be read" in err
    assert err.count("\n") == 1


def test_training_stops_in_time(toy, monkeypatch):
    minutes = property(lambda state: 60 * (state.progress.epoch + 1))
    monkeypatch.setattr(State, "seconds", minutes)
    assert toy("train", "--epochs=50", "--max_minutes=4.5")[0] == 0
    rows = (toy.folder / "history.csv").read_text().splitlines()[1:]
    assert len(rows) == 5


def test_training_stops_when_it_does_not_get_better(toy):
    toy("train", "--epochs=50", "--patience=2", "--learning_rate=0")
    rows = (toy.folder / "history.csv").read_text().splitlines()[1:]
    assert len(rows) == 3


def test_standard_input_is_asked_a_line_each(toy, monkeypatch):
    toy("train")
    lines = io.TextIOWrapper(io.BytesIO(b"1\n2\r\n3"))
    monkeypatch.setattr("sys.stdin", lines)
    code, out, _ = toy("predict", "-")
    assert code == 0
    assert len(out.splitlines()) == 3
