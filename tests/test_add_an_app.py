"""The app of docs/add_an_app.md works as the page says."""

import ast
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent
BLOCK = re.compile(r"```python (\S+)\n(.*?)```", re.DOTALL)


def blocks():
    return BLOCK.findall((ROOT / "docs" / "add_an_app.md").read_text())


@pytest.mark.parametrize(("name", "code"), blocks())
def test_the_code_of_the_page_is_well_formed(name, code):
    assert ast.get_docstring(ast.parse(code))
    assert max(map(len, code.splitlines())) <= 80


@pytest.mark.slow
def test_the_app_of_the_page_runs(tmp_path):
    (tmp_path / "common").symlink_to(ROOT / "common")
    for name, code in [
        ("apps/__init__.py", ""),
        *blocks(),
    ]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    command = [sys.executable, "-m", "apps.brackets", "--epochs=3"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Better than first and last" in done.stdout
    *_, first, second = done.stdout.splitlines()
    assert re.fullmatch(r"  0\.[5-9]\d* balanced  \(\(\)\(\)\)", first)
    assert re.fullmatch(r"  0\.[0-4]\d* not balanced  \(\)\)\(", second)
    assert (tmp_path / "saved_models/brackets/1/saved_model.pb").exists()
