"""Training goes on to the same bits, and stops before harm is done."""

import contextlib
import itertools
import signal

import numpy as np
import pytest

from common import files
from common.training import signals
from common.training.checkpoints import Checkpoints
from common.training.loop import Loop
from common.training.state import State

OPTIONS = ["--epochs=4", "--batch_size=4", "--checkpoint_minutes=0"]
STEPS = 5  # Of 20 examples.


def final(toy):
    """Returns all that a run ended with, but the seconds."""
    facts, arrays = Checkpoints(toy.folder / "checkpoints").load()
    history = [{**row, "seconds": None} for row in facts["history"]]
    model = (toy.folder / "model.keras").read_bytes()
    return {**facts, "seconds": None, "history": history}, arrays, model


def same(first, second):
    assert first[0] == second[0]
    for a, b in zip(first[1], second[1], strict=True):
        np.testing.assert_array_equal(a, b)
    assert first[2] == second[2]


class Killed(BaseException):
    """In place of kill -9: nobody catches it."""


def killed_at(monkeypatch, owner, name, call):
    """Kills the process before a method is called for the `call`th time."""
    method, calls = getattr(owner, name), itertools.count(1)

    def kill(*arguments):
        if next(calls) == call:
            raise Killed
        return method(*arguments)

    monkeypatch.setattr(owner, name, kill)


@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [
        (State, "save", 3),  # In an epoch.
        (State, "save", STEPS),  # With the last batch of an epoch.
        (State, "save", STEPS + 1),  # With the end of an epoch.
        (Loop, "_validate", 2),
        (Loop, "_end_epoch", 2),
        (Loop, "_train", 3),
        (State, "keep_best", 1),  # After the last epoch.
    ],
)
def test_a_killed_run_ends_with_the_same_bits(
    toy, monkeypatch, owner, name, call
):
    assert toy("train", *OPTIONS)[0] == 0
    expected = final(toy)
    with monkeypatch.context() as patch:
        killed_at(patch, owner, name, call)
        with pytest.raises(Killed):
            toy("train", "--fresh", *OPTIONS)
    assert not (toy.folder / "model.keras").exists()
    assert toy("train", *OPTIONS)[0] == 0
    same(final(toy), expected)


@pytest.mark.parametrize("name", ["_train", "_validate", "_end_epoch"])
def test_a_signal_saves_and_the_run_goes_on_to_the_same_bits(
    toy, monkeypatch, name
):
    options = [*OPTIONS, "--checkpoint_minutes=60"]
    assert toy("train", *options)[0] == 0
    expected = final(toy)
    method, asked = getattr(Loop, name), itertools.count(1)

    def then_signal(*arguments):
        if next(asked) == 2:
            monkeypatch.setattr(signals, "_waiting", signal.SIGTERM)
        return method(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Loop, name, then_signal)
        code, _, err = toy("train", "--fresh", *options)
    assert code == 143
    assert "the same command goes on from there" in err
    assert err.count("\n") == 1
    calls = itertools.count()
    with monkeypatch.context() as patch:
        train = Loop._train
        patch.setattr(Loop, "_train", lambda s: (next(calls), train(s))[1])
        assert toy("train", *options)[0] == 0
    assert next(calls) == 3 if name != "_end_epoch" else 2
    same(final(toy), expected)


def test_the_state_of_another_model_is_told(toy, monkeypatch):
    with monkeypatch.context() as patch:
        killed_at(patch, State, "keep_best", 1)
        with pytest.raises(Killed):
            toy("train", *OPTIONS)
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


def test_bad_batches_are_skipped_where_it_is_asked_for(toy):
    stopped, _, _ = toy("train", "--poisoned=1", *OPTIONS)
    code, _, err = toy(
        "train", "--poisoned=1", "--skip_bad_batches=1", *OPTIONS
    )
    assert (stopped, code) == (1, 0)
    assert err.count("Skipped a batch") == 4  # One in each epoch.
    rows = (toy.folder / "history.csv").read_text().splitlines()
    assert len(rows) == 5 and "nan" not in "".join(rows)


def test_more_bad_batches_in_a_row_stop_the_run(toy):
    options = [*OPTIONS, "--poisoned=20", "--skip_bad_batches=3"]
    code, _, err = toy("train", *options)
    assert code == 1
    assert err.count("Skipped a batch") == 3
    assert "at step 4 (epoch 1, batch 4 of 5)" in err


def test_weights_that_explode_are_not_saved(toy):
    options = [*OPTIONS, "--learning_rate=1e38", "--clip_norm=0"]
    code, _, err = toy("train", *options)
    assert code == 1
    assert "not finite" in err and "learning_rate" in err
    assert err.count("\n") == 1
    found = Checkpoints(toy.folder / "checkpoints").load()
    assert found is None or all(np.isfinite(a).all() for a in found[1])


def test_a_board_that_cannot_be_written_ends_the_run_in_a_line(toy):
    toy.folder.mkdir()
    (toy.folder / "tensorboard").write_text("a file")
    code, _, err = toy("train", *OPTIONS)
    assert code == 1
    assert f"{toy.folder / 'tensorboard'} cannot be written" in err
    assert err.count("\n") == 1


def test_what_is_watched_is_answered_and_decides(toy, monkeypatch):
    monkeypatch.setattr(toy.app, "watch", "val_closeness")
    _, out, _ = toy("train", *OPTIONS)
    history = files.read_csv(toy.folder / "history.csv")
    best = max(history, key=lambda row: row["val_closeness"])
    assert f"Kept epoch {best['epoch']:.0f} of 4 (val_closeness" in out
    for row in history:  # All 20 examples are in both splits.
        assert row["val_closeness"] == pytest.approx(-row["val_loss"])


def test_a_run_killed_while_it_answers_ends_with_the_same_bits(
    toy, monkeypatch
):
    monkeypatch.setattr(toy.app, "watch", "val_closeness")
    toy("train", *OPTIONS)
    expected = final(toy)
    with monkeypatch.context() as patch:
        killed_at(patch, toy.app, "measure", 2)
        with pytest.raises(Killed):
            toy("train", "--fresh", *OPTIONS)
    toy("train", *OPTIONS)
    same(final(toy), expected)


def test_the_weights_of_the_last_epochs_are_averaged(toy):
    toy("train", *OPTIONS, "--average=2")
    answers = {}
    for count in (1, 2):
        _, out, _ = toy("predict", f"--average={count}", "1000")
        answers[count] = out
    assert answers[1] != answers[2]
    names = [path.name for path in (toy.folder / "epochs").iterdir()]
    assert sorted(names) == ["0003.npz", "0004.npz"]
    code, _, err = toy("predict", "--average=3", "1")
    assert code == 1
    assert "--average=2 is the most" in err


def test_other_weights_may_be_validated_and_kept(toy, monkeypatch):
    toy("train", *OPTIONS)
    plain = files.read_csv(toy.folder / "history.csv")
    lengths = []

    @contextlib.contextmanager
    def validated(model, history):
        bias = model.dense.bias
        trained = bias.numpy()
        bias.assign(trained + 9)
        yield
        bias.assign(trained)
        lengths.append(len(history))

    monkeypatch.setattr(toy.app.model_class(None), "validated", validated)
    toy("train", "--fresh", *OPTIONS)
    history = files.read_csv(toy.folder / "history.csv")
    assert lengths == [1, 2, 3, 4]
    for before, after in zip(plain, history, strict=True):
        assert before["loss"] == after["loss"]
        assert after["val_loss"] > 50
    out = toy("predict", "0")[1]
    assert float(out.split()[-1]) > 8
