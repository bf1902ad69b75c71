"""Restarts: the best of several models is kept, and each can be resumed."""

import dataclasses

import keras
import numpy as np
import pytest

from common import files
from common import runner
from common.training import model_file
from common.training import trainer
from common.training.state import State
from tests.common import conftest
from tests.common.training import test_loop

# The second restart is the best: neither the first nor the last.
RESTARTS = ["--restarts=3", "--seed=1", *test_loop.OPTIONS]


def test_the_best_restart_is_kept_and_resuming_gives_the_same_bits(
    toy, tmp_path, capsys, monkeypatch
):
    whole = tmp_path / "whole"
    with monkeypatch.context() as patch:
        in_the_second = (State, "save", 60)
        test_loop.copy_before(patch, whole, toy.folder, *in_the_second)
        argv = ["toy", "train", f"--run_dir={whole}", *RESTARTS]
        assert runner.run(conftest.Toy, argv) == 0
    folders = sorted(whole.glob("restarts/*"))
    kept, *histories = [
        files.read_csv(folder / "history.csv") for folder in (whole, *folders)
    ]
    losses = [min(row["val_loss"] for row in rows) for rows in histories]
    assert len(set(losses)) == 3
    best = losses.index(min(losses))
    assert best == 1
    assert kept == histories[best]
    message = f"Kept restart {best + 1} (val_loss {min(losses):.4f})."
    assert message in capsys.readouterr().out
    expected = (whole / "model.keras").read_bytes()
    assert expected == (folders[best] / "model.keras").read_bytes()
    seconds = sum(rows[-1]["seconds"] for rows in histories)
    assert trainer.seconds(whole) == pytest.approx(seconds, abs=0.1)
    first, second = (
        toy.folder / "restarts" / number / "model.keras" for number in "12"
    )
    assert first.exists() and not second.exists()
    written = first.stat().st_mtime_ns
    assert toy("train", *RESTARTS)[0] == 0
    assert first.stat().st_mtime_ns == written
    assert (toy.folder / "model.keras").read_bytes() == expected


def test_a_run_with_another_number_of_restarts_is_refused(toy):
    config = toy.app.Config(epochs=2, restarts=3)
    path = toy.folder / "config.json"
    files.write_json(path, dataclasses.asdict(config))
    code, _, err = toy("train")
    assert code == 1
    assert "--restarts=1 (the run has 3)" in err


def test_a_model_with_values_that_are_not_finite_is_refused(trained_toy):
    path = trained_toy.folder / "model.keras"
    model = keras.saving.load_model(path, compile=False)
    model.dense.kernel.assign([[np.nan]])
    model_file.save(model, path)
    code, _, err = trained_toy("predict", "1")
    assert code == 1
    assert "model.keras holds values of dense/kernel that are not" in err
