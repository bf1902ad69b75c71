"""A finished run is continued by more epochs."""

import shutil

import keras
import pytest

from common import files
from common import runner
from common.training import model_file
from common.training import optimizers
from common.training import trainer
from common.training.checkpoints import Checkpoints
from common.training.loop import Loop
from common.training.state import State
from tests.common import conftest
from tests.common.training import test_loop
from tests.common.training.test_loop import assert_same
from tests.common.training.test_loop import final

OPTIONS = ["--batch_size=4", "--checkpoint_minutes=0"]


def train(folder, *options):
    """Trains the toy app in a folder, as from the command line."""
    keras.utils.clear_session()
    argv = ["toy", "train", f"--run_dir={folder}", *OPTIONS, *options]
    assert runner.run(conftest.Toy, argv) == 0


@pytest.fixture(scope="module")
def of_two(tmp_path_factory):
    """Returns the folder of a finished run of two epochs."""
    folder = tmp_path_factory.mktemp("two")
    train(folder, "--epochs=2")
    return folder


MOMENTS = [
    (State, "restore", 1),
    (State, "save", 3),  # In the third epoch.
    (Loop, "_end_epoch", 2),
    (State, "keep_best", 1),
    (model_file, "save", 1),
    (trainer, "_write_config", 1),  # With the new model.keras.
]
QUICK = [MOMENTS[1], MOMENTS[-1]]


@pytest.fixture(scope="module")
def copies(of_two, tmp_path_factory):
    """Returns that run, continued to four epochs, and copies at moments."""
    folder = tmp_path_factory.mktemp("continued") / "run"
    shutil.copytree(of_two, folder)
    copies = {m: tmp_path_factory.mktemp("copy") / "run" for m in MOMENTS}
    with pytest.MonkeyPatch.context() as patch:
        for moment, copy in copies.items():
            test_loop.copy_before(patch, folder, copy, *moment)
        train(folder, "--epochs=4")
    return {None: folder, **copies}


@pytest.fixture
def continued(copies):
    """Returns the folder of the run that was continued to four epochs."""
    return copies[None]


def test_at_a_constant_rate_it_equals_a_run_of_that_length(
    continued, tmp_path, capsys
):
    whole = tmp_path / "whole"
    train(whole, "--epochs=4")
    assert_same(final(continued), final(whole))
    assert files.read_json(continued / "config.json")["epochs"] == 4
    assert [r["epoch"] for r in files.read_csv(continued / "history.csv")] == [
        *(1, 2, 3, 4)
    ]
    capsys.readouterr()
    train(continued, "--epochs=4")
    assert "already trained" in capsys.readouterr().out


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(m, marks=() if m in QUICK else pytest.mark.slow)
        for m in MOMENTS
    ],
    ids=lambda m: f"{m[1]}-{m[2]}",
)
def test_a_killed_continuation_ends_with_the_same_bits(
    toy, copies, continued, moment
):
    shutil.copytree(copies[moment], toy.folder)
    assert (toy.folder / "model.keras").exists()
    saved = files.read_json(toy.folder / "config.json")
    assert saved["epochs"] == 2
    code, out, _ = toy("predict", "0.5")  # It answers meanwhile.
    assert code == 0 and "0.5 ->" in out
    assert toy("train", *OPTIONS, "--epochs=4")[0] == 0
    assert_same(final(toy.folder), final(continued))
    assert files.read_json(toy.folder / "config.json")["epochs"] == 4
    record = files.read_json(toy.folder / "continued.json")
    assert record == {"epochs": [2, 4]}


@pytest.mark.extended
def test_a_schedule_has_the_values_of_a_run_of_that_length(toy, monkeypatch):
    rates, run = [], Loop.run

    def create(cls, config, train, steps_per_epoch):
        model = cls()
        steps = steps_per_epoch * config.epochs
        rate = config.learning_rate
        model.compile(optimizers.cosine_adam(rate, steps), "mse")
        return model

    def record_rates(loop):
        rates.append(float(loop.model.optimizer.learning_rate))
        run(loop)
        rates.append(float(loop.model.optimizer.learning_rate))

    monkeypatch.setattr(conftest.Line, "create", classmethod(create))
    monkeypatch.setattr(Loop, "run", record_rates)
    for epochs in (2, 3):
        options = [f"--epochs={epochs}", "--learning_rate=0.1"]
        assert toy("train", *OPTIONS, *options)[0] == 0
    # Two thirds along a cosine.
    assert rates == pytest.approx([0.1, 0, 0.025, 0], abs=1e-8)


@pytest.mark.slow
def test_averages_count_over_all_epochs(toy):
    options = [*OPTIONS, "--average_epochs=2"]
    assert toy("train", "--epochs=2", *options)[0] == 0
    assert toy("train", "--epochs=4", *options)[0] == 0
    names = [path.name for path in (toy.folder / "epochs").iterdir()]
    assert sorted(names) == ["0003.npz", "0004.npz"]
    assert toy("predict", "1")[0] == 0


@pytest.mark.extended
def test_the_best_epoch_so_far_is_kept(toy):
    # The loss rises at this rate.
    options = [*OPTIONS, "--learning_rate=3", "--clip_norm=0"]
    assert toy("train", "--epochs=1", *options)[0] == 0
    before = toy("predict", "1000")[1]
    _, out, _ = toy("train", "--epochs=3", *options)
    assert "Kept epoch 1 of 3" in out
    assert toy("predict", "1000")[1] == before


@pytest.mark.extended
def test_scores_of_the_shorter_training_are_removed(trained_toy):
    assert (trained_toy.folder / "metrics.json").exists()
    assert trained_toy("train", "--epochs=3")[0] == 0
    assert not (trained_toy.folder / "metrics.json").exists()


def test_fewer_epochs_than_done_are_an_error(trained_toy):
    code, _, err = trained_toy("train", "--epochs=1")
    assert code == 1
    assert "trained with --epochs=2, and --epochs=1 is less" in err
    assert err.count("\n") == 1


def test_other_options_may_not_change(trained_toy):
    code, _, err = trained_toy("train", "--epochs=3", "--slope=1")
    assert code == 1
    assert "other options: --slope=1.0 (the run has 2.0). Choose" in err


@pytest.mark.extended
def test_a_run_that_was_stopped_early_is_not_continued(toy):
    options = [*OPTIONS, "--learning_rate=3", "--clip_norm=0", "--patience=1"]
    assert toy("train", "--epochs=5", *options)[0] == 0
    before = (toy.folder / "history.csv").read_text()
    assert before.count("\n") == 3
    code, _, err = toy("train", "--epochs=6", *options)
    assert code == 1
    assert "ended by --patience=1 or --max_minutes" in err
    assert f"--start_from={toy.folder}" in err
    assert (toy.folder / "history.csv").read_text() == before
    assert not (toy.folder / "continued.json").exists()


@pytest.mark.extended
def test_a_run_at_its_time_limit_is_continued_with_more_minutes(toy):
    limit = "--max_minutes=1e-9"
    assert toy("train", "--epochs=2", limit)[0] == 0
    assert toy("train", "--epochs=3", limit)[0] == 1
    _, out, _ = toy("train", "--epochs=3")
    assert "Epoch 3/3" in out


def test_a_continuation_is_finished_before_another(toy, copies):
    shutil.copytree(copies[State, "save", 3], toy.folder)
    code, _, err = toy("train", *OPTIONS, "--epochs=5")
    assert code == 1
    assert "is being continued with --epochs=4" in err
    assert "already trained" in toy("train", *OPTIONS, "--epochs=2")[1]


def test_without_a_checkpoint_nothing_is_continued(trained_toy):
    shutil.rmtree(trained_toy.folder / "checkpoints")
    code, _, err = trained_toy("train", "--epochs=3")
    assert code == 1
    assert "holds no checkpoint from which --epochs=3 could continue" in err
    assert (trained_toy.folder / "model.keras").exists()


@pytest.mark.slow
def test_all_restarts_are_continued(toy):
    options = [*OPTIONS, "--restarts=2"]
    assert toy("train", "--epochs=1", *options)[0] == 0
    _, out, _ = toy("train", "--epochs=2", *options)
    assert out.count("Epoch 2/2") == 2 and "Epoch 1/2" not in out
    for number in "12":
        folder = toy.folder / "restarts" / number / "checkpoints"
        assert Checkpoints(folder).load()[0]["epoch"] == 2
    losses = {
        name: min(
            row["val_loss"]
            for row in files.read_csv(toy.folder / name / "history.csv")
        )
        for name in (".", "restarts/1", "restarts/2")
    }
    assert losses["."] == min(losses.values())


@pytest.mark.parametrize("text", ['{"epochs": "2"}', "[2]", "{}"])
def test_a_broken_record_is_named(trained_toy, text):
    (trained_toy.folder / "continued.json").write_text(text)
    code, _, err = trained_toy("train", "--epochs=3")
    assert code == 1
    assert "continued.json is broken" in err
