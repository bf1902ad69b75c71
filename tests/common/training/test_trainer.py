"""Restarts: the best of several models is kept, and each can be resumed."""

import dataclasses

import pytest

from common import files
from common.training import trainer
from common.training.state import State
from tests.common.training import test_loop

RESTARTS = ["--restarts=3", *test_loop.OPTIONS]


def test_the_best_restart_is_kept_and_killed_ones_end_with_the_same_bits(
    toy, monkeypatch
):
    code, out, _ = toy("train", *RESTARTS)
    assert code == 0
    folders = sorted(toy.folder.glob("restarts/*"))
    kept, *histories = [
        files.read_csv(folder / "history.csv")
        for folder in (toy.folder, *folders)
    ]
    losses = [min(row["val_loss"] for row in rows) for rows in histories]
    assert len(set(losses)) == 3
    best = losses.index(min(losses))
    assert kept == histories[best]
    assert f"Kept restart {best + 1} (val_loss {min(losses):.4f})." in out
    expected = (toy.folder / "model.keras").read_bytes()
    assert expected == (folders[best] / "model.keras").read_bytes()
    seconds = sum(rows[-1]["seconds"] for rows in histories)
    assert trainer.seconds(toy.folder) == pytest.approx(seconds, abs=0.1)
    with monkeypatch.context() as patch:
        test_loop.killed_at(patch, State, "save", 60)
        with pytest.raises(test_loop.Killed):
            toy("train", "--fresh", *RESTARTS)
    first, second = (
        toy.folder / "restarts" / number / "model.keras" for number in "12"
    )
    assert first.exists()
    assert not second.exists()
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
