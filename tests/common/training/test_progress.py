"""The progress bar, and where there is one."""

import sys

import pytest

from common.training.progress import Display


@pytest.mark.parametrize("notebook", [True, False])
def test_the_bar_is_drawn_in_notebooks_and_not_in_files(
    notebook, tmp_path, monkeypatch, capsys
):
    if notebook:
        monkeypatch.setitem(sys.modules, "ipykernel", sys)
    else:
        monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    display = Display(tmp_path, epochs=2, steps=4)
    display.step(1, lambda: {"loss": 0.5})
    drawn = capsys.readouterr().out
    assert ("1/4" in drawn and "loss: 0.5" in drawn) == notebook
    display.epoch({"epoch": 1, "seconds": 3.0, "loss": 0.5})
    assert "Epoch 1/2, 3 s: loss 0.5000\n" in capsys.readouterr().out
