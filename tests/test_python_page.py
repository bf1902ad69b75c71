"""The code of docs/python.md runs, block after block."""

import pathlib
import re

import pytest

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "python.md"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.mark.slow
def test_the_code_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for code in BLOCK.findall(PAGE.read_text()):
        exec(code, names)
    assert names["report"].metrics["accuracy"] > 0.6
    assert names["best"].run_dir.parent.name == "trials"
    assert (tmp_path / names["path"] / "saved_model.pb").exists()
    assert names["table"].iloc[:, 0].isna().tolist() == [False, True, False]
    assert (tmp_path / "learning.png").exists()
    history = (tmp_path / "runs/python/history.csv").read_text()
    assert len(history.splitlines()) == 3
    assert (tmp_path / "runs/tuned/start.keras").exists()
