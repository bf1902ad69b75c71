"""Training resumes to the same bits, and stops before it does harm."""

import itertools
import shutil
import signal

import keras
import numpy as np
import pytest

from common import files
from common import runner
from common.evaluation.metric import Metric
from common.training import optimizers
from common.training import signals
from common.training.checkpoints import Checkpoints
from common.training.loop import Loop
from common.training.state import State
from tests import variants
from tests.common import conftest

OPTIONS = ["--epochs=4", "--batch_size=4", "--checkpoint_minutes=0"]
STEPS = 5  # Of 20 examples.


def final(folder):
    """Returns the checkpoint, the arrays and the model, without times."""
    progress, arrays = Checkpoints(folder / "checkpoints").load()
    history = [{**row, "seconds": None} for row in progress["history"]]
    model = (folder / "model.keras").read_bytes()
    return {**progress, "seconds": None, "history": history}, arrays, model


def assert_same(first, second):
    assert first[0] == second[0]
    for a, b in zip(first[1], second[1], strict=True):
        np.testing.assert_array_equal(a, b)
    assert first[2] == second[2]


def copy_before(patch, folder, copy, owner, name, call):
    """Copies a folder before the given call of a method.

    The copy equals the folder of a process killed at that moment.
    """
    method, calls = getattr(owner, name), itertools.count(1)

    def copy_and_continue(*arguments):
        if next(calls) == call:
            shutil.copytree(folder, copy)
        return method(*arguments)

    patch.setattr(owner, name, copy_and_continue)


MOMENTS = [
    (State, "save", 3),  # In an epoch.
    (State, "save", STEPS),  # With the last batch of an epoch.
    (State, "save", STEPS + 1),  # With the end of an epoch.
    (Loop, "_validate", 2),
    (Loop, "_end_epoch", 2),
    (Loop, "_begin_epoch", 3),
    (State, "keep_best", 1),  # After the last epoch.
]
QUICK = [MOMENTS[0], MOMENTS[2], MOMENTS[-1]]


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """Returns the folder of an uninterrupted run, and a copy at each moment."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    copies = {m: tmp_path_factory.mktemp("copy") / "run" for m in MOMENTS}
    keras.utils.clear_session()
    argv = ["toy", "train", f"--run_dir={folder}", *OPTIONS]
    with pytest.MonkeyPatch.context() as patch:
        for moment, copy in copies.items():
            copy_before(patch, folder, copy, *moment)
        assert runner.run(conftest.Toy, argv) == 0
    return {None: folder, **copies}


@pytest.fixture(scope="module")
def uninterrupted(copies):
    """Returns the final state of an uninterrupted run with OPTIONS."""
    return final(copies[None])


@pytest.mark.parametrize(
    "moment",
    # Whole runs that are killed at more moments: tests/reliability.
    [
        pytest.param(m, marks=() if m in QUICK else pytest.mark.slow)
        for m in MOMENTS
    ],
    ids=lambda m: f"{m[0].__name__}.{m[1]}-{m[2]}",
)
def test_a_killed_run_ends_with_the_same_bits(
    toy, copies, uninterrupted, moment
):
    shutil.copytree(copies[moment], toy.folder)
    assert not (toy.folder / "model.keras").exists()
    assert toy("train", *OPTIONS)[0] == 0
    assert_same(final(toy.folder), uninterrupted)


@pytest.mark.parametrize(
    "name",
    variants.extended(["_end_step", "_validate", "_end_epoch"], "_end_step"),
)
def test_a_signal_saves_and_the_run_resumes_to_the_same_bits(
    toy, uninterrupted, monkeypatch, name
):
    options = [*OPTIONS, "--checkpoint_minutes=60"]
    method, calls = getattr(Loop, name), itertools.count(1)

    def send_signal(*arguments):
        if next(calls) == 2:
            monkeypatch.setattr(signals, "_waiting", signal.SIGTERM)
        return method(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Loop, name, send_signal)
        code, _, err = toy("train", *options)
    assert code == 143
    assert "the same command resumes from there" in err
    assert err.count("\n") == 1
    begun = itertools.count()
    with monkeypatch.context() as patch:
        begin = Loop._begin_epoch
        patch.setattr(
            Loop, "_begin_epoch", lambda loop: (next(begun), begin(loop))
        )
        assert toy("train", *options)[0] == 0
    assert (
        next(begun) == {"_end_step": 4, "_validate": 3, "_end_epoch": 2}[name]
    )
    assert_same(final(toy.folder), uninterrupted)


def test_refuses_checkpoints_of_another_model(toy, copies):
    shutil.copytree(copies[State, "keep_best", 1], toy.folder)
    Checkpoints(toy.folder / "checkpoints").save({}, [np.zeros(7)])
    code, _, err = toy("train", *OPTIONS)
    assert code == 1
    assert "another model" in err and "--fresh" in err
    assert err.count("\n") == 1


def test_a_batch_that_is_not_finite_stops_the_run_and_is_named(toy):
    code, _, err = toy("train", "--poisoned=1", *OPTIONS)
    assert code == 1
    assert "dense/kernel is not finite at step" in err
    assert "(epoch 1, batch " in err
    assert "--skip_bad_batches" in err
    assert err.count("\n") == 1
    _, arrays = Checkpoints(toy.folder / "checkpoints").load()
    assert all(np.isfinite(array).all() for array in arrays)


def test_skips_bad_batches_up_to_a_limit(toy):
    code, _, err = toy(
        "train", "--poisoned=1", "--skip_bad_batches=1", *OPTIONS
    )
    assert code == 0
    assert err.count("Skipped a batch") == 4  # One in each epoch.
    rows = (toy.folder / "history.csv").read_text().splitlines()
    assert len(rows) == 5 and "nan" not in "".join(rows)


def test_more_consecutive_bad_batches_stop_the_run(toy):
    options = [*OPTIONS, "--poisoned=20", "--skip_bad_batches=3"]
    code, _, err = toy("train", *options)
    assert code == 1
    assert err.count("Skipped a batch") == 3
    assert "at step 4 (epoch 1, batch 4 of 5)" in err


def test_does_not_save_weights_that_explode(toy):
    options = [*OPTIONS, "--learning_rate=1e38", "--clip_norm=0"]
    code, _, err = toy("train", *options)
    assert code == 1
    assert "not finite" in err and "learning_rate" in err
    assert err.count("\n") == 1
    checkpoint = Checkpoints(toy.folder / "checkpoints").load()
    assert checkpoint is None or all(
        np.isfinite(array).all() for array in checkpoint[1]
    )


def test_an_unwritable_tensorboard_folder_ends_the_run_with_one_line(toy):
    toy.folder.mkdir()
    (toy.folder / "tensorboard").write_text("a file")
    code, _, err = toy("train", *OPTIONS)
    assert code == 1
    assert f"{toy.folder / 'tensorboard'} cannot be written" in err
    assert err.count("\n") == 1


class Selected(conftest.ToyEvaluation):
    """Chooses the epoch by a metric that is lower where it is better."""

    metrics = (
        conftest.ToyEvaluation.primary_metric,
        Metric("error", "Mean squared error.", True, selects_epoch=True),
    )


class SelectedToy(conftest.Toy):
    """A toy whose epoch is chosen by its answers."""

    @staticmethod
    def evaluation_class():
        return Selected


def test_a_metric_of_the_answers_selects_the_epoch(toy):
    # The learning rate makes the error rise again.
    options = [*OPTIONS, "--learning_rate=1.2"]
    _, out, _ = toy("train", *options, app_class=SelectedToy)
    history = files.read_csv(toy.folder / "history.csv")
    best = min(history, key=lambda row: row["val_error"])
    assert best is not history[-1]
    assert f"Kept epoch {best['epoch']:.0f} of 4 (val_error" in out
    for row in history:  # All splits hold the same examples.
        assert row["val_error"] == pytest.approx(row["val_loss"])
    assert toy("evaluate", app_class=SelectedToy)[0] == 0
    report = files.read_json(toy.folder / "metrics.json")
    assert report["metrics"]["error"] == pytest.approx(best["val_error"])


@pytest.mark.extended
def test_a_run_killed_while_it_answers_ends_with_the_same_bits(
    toy, tmp_path, monkeypatch
):
    whole = tmp_path / "whole"
    with monkeypatch.context() as patch:
        copy_before(patch, whole, toy.folder, Selected, "per_example", 2)
        argv = ["toy", "train", f"--run_dir={whole}", *OPTIONS]
        assert runner.run(SelectedToy, argv) == 0
    assert not (toy.folder / "model.keras").exists()
    assert toy("train", *OPTIONS, app_class=SelectedToy)[0] == 0
    assert_same(final(toy.folder), final(whole))


@pytest.mark.extended
def test_averages_the_weights_of_the_last_epochs(toy):
    toy("train", *OPTIONS, "--average_epochs=2")
    answers = {}
    for count in (1, 2):
        _, out, _ = toy("predict", f"--average_epochs={count}", "1000")
        answers[count] = out
    assert answers[1] != answers[2]
    names = [path.name for path in (toy.folder / "epochs").iterdir()]
    assert sorted(names) == ["0003.npz", "0004.npz"]
    code, _, err = toy("predict", "--average_epochs=3", "1")
    assert code == 1
    assert "--average_epochs=2 is the maximum" in err


class Shifted(keras.optimizers.SGD, optimizers.AveragingOptimizer):
    """Validates the weights with a bias that is 9 higher."""

    def use_average(self):
        bias = self._trainable_variables[1]
        self.last, self.lengths = bias.numpy(), getattr(self, "lengths", [])
        bias.assign(self.last + 9)

    def use_last_weights(self):
        self._trainable_variables[1].assign(self.last)

    def end_epoch(self, losses):
        self.lengths.append(len(losses))


@pytest.mark.extended
def test_validates_and_keeps_the_average_of_an_optimizer(
    toy, uninterrupted, monkeypatch
):
    plain, created = uninterrupted[0]["history"], []

    def create(cls, config, train, steps_per_epoch):
        model = cls()
        model.compile(Shifted(config.learning_rate), "mse")
        created.append(model)
        return model

    monkeypatch.setattr(conftest.Line, "create", classmethod(create))
    assert toy("train", *OPTIONS)[0] == 0
    assert created[0].optimizer.lengths == [1, 2, 3, 4]
    history = files.read_csv(toy.folder / "history.csv")
    for before, after in zip(plain, history, strict=True):
        assert before["loss"] == after["loss"]
        assert after["val_loss"] > 50
    out = toy("predict", "0")[1]
    assert float(out.split()[-1]) > 8
