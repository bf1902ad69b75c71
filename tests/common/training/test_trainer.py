"""Restarts: the best of several models is kept, and each can be resumed."""

import pytest

from common import files
from common.training import trainer
from common.training.state import State
from tests.common.training import test_loop

RESTARTS = ["--restarts=3", *test_loop.OPTIONS]


def test_the_best_restart_is_kept(toy):
    code, out, _ = toy("train", *RESTARTS)
    assert code == 0
    kept, *losses = [
        min(row["val_loss"] for row in files.read_csv(path / "history.csv"))
        for path in (toy.folder, *sorted(toy.folder.glob("restarts/*")))
    ]
    assert len(set(losses)) == 3
    assert kept == min(losses)
    best = losses.index(kept) + 1
    assert f"Kept restart {best} (val_loss {kept:.4f})." in out
    model = (toy.folder / "model.keras").read_bytes()
    folder = toy.folder / "restarts" / str(best)
    assert model == (folder / "model.keras").read_bytes()


def test_the_training_time_is_that_of_all_restarts(toy):
    toy("train", *RESTARTS)
    seconds = [
        files.read_csv(path)[-1]["seconds"]
        for path in toy.folder.glob("restarts/*/history.csv")
    ]
    assert len(seconds) == 3
    assert trainer.seconds(toy.folder) == pytest.approx(sum(seconds), abs=0.1)


def test_killed_restarts_end_with_the_same_bits(toy, monkeypatch):
    toy("train", *RESTARTS)
    expected = (toy.folder / "model.keras").read_bytes()
    with monkeypatch.context() as patch:
        # In the second restart.
        call = 4 * test_loop.STEPS + 9
        test_loop.killed_at(patch, State, "save", call)
        with pytest.raises(test_loop.Killed):
            toy("train", "--fresh", *RESTARTS)
    assert not (toy.folder / "model.keras").exists()
    code, out, _ = toy("train", *RESTARTS)
    assert code == 0
    assert "Restart 1 of 3" not in out
    assert (toy.folder / "model.keras").read_bytes() == expected


def test_a_run_with_another_number_of_restarts_is_refused(toy):
    toy("train", *RESTARTS)
    code, _, err = toy("train", *test_loop.OPTIONS)
    assert code == 1
    assert "--restarts=1 (the run has 3)" in err
