"""A run that starts from another one."""

import hashlib
import shutil

import keras
import pytest

from common import files
from common import runner
from common.training import model_file
from common.training import run_start
from common.training import trainer
from common.training.state import State
from tests.common import conftest
from tests.common.training import test_loop
from tests.common.training.test_loop import assert_same
from tests.common.training.test_loop import final

# Other data and another learning rate than those of the start.
OPTIONS = [
    *("--slope=3", "--learning_rate=0.3", "--seed=5"),
    *("--batch_size=4", "--checkpoint_minutes=0", "--epochs=2"),
]


@keras.saving.register_keras_serializable("test")
class OtherLine(conftest.Line):
    """The model of another app."""


class OtherToy(conftest.Toy):
    """An app with another model."""

    @staticmethod
    def model_class():
        return OtherLine


def train(folder, *options, app_class=conftest.Toy):
    """Trains a toy app in a folder, as from the command line."""
    keras.utils.clear_session()
    argv = ["toy", "train", f"--run_dir={folder}", *options]
    assert runner.run(app_class, argv) == 0


@pytest.fixture
def start(trained_folder, tmp_path):
    """Returns the folder of a trained run that may be changed."""
    return shutil.copytree(trained_folder, tmp_path / "start")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_begins_with_the_weights_of_the_start(toy, start):
    code, out, _ = toy("train", f"--start_from={start}", "--learning_rate=0")
    assert code == 0
    assert f"Start from {start}, trained on sample:\n" in out
    assert "Taken: 2 of 2 variables.\nEpoch 1/2" in out
    assert (
        toy("predict", "7")[1] == toy("predict", "7", f"--run_dir={start}")[1]
    )
    assert files.read_json(toy.folder / "start.json") == {
        "run": str(start),
        "trained_on": "sample",
        "sha256": sha256(start / "model.keras"),
    }


@pytest.mark.extended
def test_without_a_start_the_weights_are_others(toy, start):
    toy("train", "--learning_rate=0", "--seed=1")
    assert (
        toy("predict", "7")[1] != toy("predict", "7", f"--run_dir={start}")[1]
    )
    assert not (toy.folder / "start.json").exists()


@pytest.mark.extended
def test_python_starts_from_a_run_as_the_command_does(start, tmp_path):
    run = conftest.Toy.train(
        run_dir=str(tmp_path / "run"),
        start_from=str(start),
        learning_rate=0.0,
        epochs=1,
    )
    expected = conftest.Toy.load(start).predict(["7"])
    assert run.predict(["7"]) == expected


MOMENTS = [
    (files, "write_json", 3),  # start.json; start.keras is there.
    (State, "restore", 1),
    (State, "save", 2),
    (model_file, "save", 1),
]
QUICK = MOMENTS[:3:2]


@pytest.fixture(scope="module")
def copies(trained_folder, tmp_path_factory):
    """Returns a run that starts from another one, and copies at moments."""
    start = tmp_path_factory.mktemp("start") / "run"
    shutil.copytree(trained_folder, start)
    folder = tmp_path_factory.mktemp("run")
    copies = {m: tmp_path_factory.mktemp("copy") / "run" for m in MOMENTS}
    with pytest.MonkeyPatch.context() as patch:
        for moment, copy in copies.items():
            test_loop.copy_before(patch, folder, copy, *moment)
        train(folder, *OPTIONS, f"--start_from={start}")
    return {None: folder, "start": start, **copies}


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(m, marks=() if m in QUICK else pytest.mark.slow)
        for m in MOMENTS
    ],
    ids=lambda m: f"{m[1]}-{m[2]}",
)
def test_a_killed_run_ends_with_the_same_bits(toy, copies, moment):
    shutil.copytree(copies[moment], toy.folder)
    assert not (toy.folder / "model.keras").exists()
    option = f"--start_from={copies['start']}"
    code, out, _ = toy("train", *OPTIONS, option)
    assert code == 0
    assert ("Taken: 2 of 2" in out) == (moment in MOMENTS[:2])
    assert_same(final(toy.folder), final(copies[None]))


def test_the_start_may_be_gone_when_the_run_is_resumed(
    toy, copies, monkeypatch
):
    shutil.copytree(copies[State, "restore", 1], toy.folder)
    option, start = f"--start_from={copies['start']}", copies["start"]
    start.rename(start.parent / "away")
    code, _, _ = toy("train", *OPTIONS, option)
    (start.parent / "away").rename(start)
    assert code == 0
    assert_same(final(toy.folder), final(copies[None]))


@pytest.mark.extended
def test_a_resumed_run_refuses_a_start_that_changed(toy, start, copies):
    shutil.copytree(copies[State, "save", 2], toy.folder)
    before = (copies["start"] / "model.keras").read_bytes()
    (copies["start"] / "model.keras").write_bytes(before + b"0")
    option = f"--start_from={copies['start']}"
    code, _, err = toy("train", *OPTIONS, option)
    (copies["start"] / "model.keras").write_bytes(before)
    assert code == 1
    assert "has changed since the run in" in err and "--fresh" in err
    assert err.count("\n") == 1
    assert toy("train", *OPTIONS, option)[0] == 0


@pytest.mark.extended
def test_a_broken_copy_of_the_start_is_named(toy, copies):
    shutil.copytree(copies[State, "save", 2], toy.folder)
    option = f"--start_from={copies['start']}"
    (toy.folder / "start.keras").write_bytes(b"0")
    code, _, err = toy("train", *OPTIONS, option)
    assert code == 1 and "start.keras is broken" in err
    (toy.folder / "start.json").write_text('{"run": 3}')
    code, _, err = toy("train", *OPTIONS, option)
    assert code == 1 and "start.json is broken" in err
    assert toy("train", *OPTIONS, option, "--fresh")[0] == 0


@pytest.mark.extended
def test_another_start_makes_another_run(toy, start, copies):
    shutil.copytree(copies[None], toy.folder)
    code, _, err = toy("train", *OPTIONS, f"--start_from={start}")
    assert code == 1
    assert f"--start_from={start} (the run has {copies['start']})" in err
    assert toy("train", *OPTIONS, "--fresh")[0] == 0
    names = {path.name for path in toy.folder.iterdir()}
    assert not names & {run_start.MODEL, run_start.RECORD}


@pytest.mark.extended
def test_the_data_of_earlier_starts_are_recorded(toy, tmp_path, start):
    middle = tmp_path / "middle"
    train(middle, "--epochs=1", f"--start_from={start}")
    toy("train", "--epochs=1", f"--start_from={middle}")
    record = files.read_json(toy.folder / "start.json")
    assert record["trained_on"] == "sample, after sample"


@pytest.mark.extended
def test_each_restart_starts_from_the_run(toy, start):
    options = [f"--start_from={start}", "--restarts=2", "--epochs=1"]
    code, out, _ = toy("train", *options)
    assert code == 0
    assert out.count("Taken: 2 of 2 variables.") == 2


@pytest.mark.extended
def test_a_run_with_a_start_is_continued(toy, copies):
    shutil.copytree(copies[None], toy.folder)
    option = f"--start_from={copies['start']}"
    code, out, _ = toy("train", *OPTIONS, option, "--epochs=3")
    assert code == 0
    assert "Epoch 3/3" in out and "Taken" not in out


@pytest.mark.extended
def test_takes_the_best_epoch_and_not_the_average(toy, tmp_path):
    start = tmp_path / "start"
    train(start, *OPTIONS, "--average_epochs=2")
    options = [f"--start_from={start}", "--learning_rate=0", "--epochs=1"]
    assert toy("train", *options)[0] == 0
    best = toy("predict", "7", f"--run_dir={start}", "--average_epochs=1")[1]
    assert toy("predict", "7")[1] == best
    assert toy("predict", "7", f"--run_dir={start}")[1] != best


def refused(toy, *options):
    """Returns the line on standard error; the run in the folder is kept."""
    before = sha256(toy.folder / "model.keras")
    code, _, err = toy("train", "--fresh", *options)
    assert code == 1
    assert err.count("\n") == 1
    assert sha256(toy.folder / "model.keras") == before
    return err


def test_a_folder_without_a_finished_run_is_refused(trained_toy, start):
    err = refused(trained_toy, "--start_from=nowhere")
    assert "--start_from=nowhere holds no trained run (config.json is" in err
    (start / "model.keras").unlink()
    err = refused(trained_toy, f"--start_from={start}")
    assert "holds no trained run (model.keras is missing)" in err


def test_a_run_of_another_app_is_refused_by_name(trained_toy, tmp_path):
    train(tmp_path / "other", "--epochs=1", app_class=OtherToy)
    err = refused(trained_toy, f"--start_from={tmp_path / 'other'}")
    assert "a run of another app (its model is OtherLine): pass a run of" in err
    assert "pass a run of toy" in err


def test_the_run_itself_is_refused(trained_toy):
    err = refused(trained_toy, f"--start_from={trained_toy.folder}")
    assert "is in the folder of the run itself" in err
    inside = trained_toy.folder / "extra" / "run"
    shutil.copytree(trained_toy.folder, inside)
    err = refused(trained_toy, f"--start_from={inside}")
    assert "is in the folder of the run itself" in err
    assert (inside / "model.keras").exists()


@pytest.mark.extended
def test_a_run_may_start_from_one_in_a_folder_below(toy, start):
    options = [f"--start_from={start}", f"--run_dir={start.parent}"]
    assert toy("train", "--epochs=1", *options)[0] == 0


def test_a_broken_start_is_refused(trained_toy, start):
    content = (start / "model.keras").read_bytes()
    (start / "model.keras").write_bytes(b"0")
    err = refused(trained_toy, f"--start_from={start}")
    assert "model.keras is not a model" in err
    (start / "model.keras").write_bytes(content.replace(b"\x89HDF", b"1234"))
    err = refused(trained_toy, f"--start_from={start}")
    assert "model.keras cannot be read" in err
    (start / "model.keras").write_bytes(content)
    (start / "config.json").write_text('{"epochs": "two"}')
    err = refused(trained_toy, f"--start_from={start}")
    assert "config.json: epochs='two' is not of type int" in err


def test_a_later_command_needs_no_start(toy, copies):
    shutil.copytree(copies[None], toy.folder)
    assert toy("predict", "7")[0] == 0
    code, _, err = toy("predict", "7", "--start_from=x")
    assert code == 2 and "--start_from=x is an option of training" in err


def test_all_files_of_the_start_are_files_of_the_run():
    assert {run_start.MODEL, run_start.RECORD} < set(trainer.RUN_FILES)
