"""Every app has a notebook, and its cells run."""

import pathlib
import shutil

import nbformat
import pytest

from tests.apps import test_contract

ROOT = pathlib.Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def code_of(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_every_app_has_a_notebook():
    names = [app_class.name for app_class in test_contract.app_classes()]
    assert [path.stem for path in NOTEBOOKS] == sorted(names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_valid_and_has_no_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert f"from apps.{path.stem} import " in code_of(notebook)[0]
    for cell in notebook.cells:
        assert not cell.get("outputs") and not cell.get("execution_count")


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_cells_of_a_notebook_run(path, tmp_path, monkeypatch):
    from nbclient import NotebookClient

    folder = tmp_path / "docs" / "notebooks"
    folder.mkdir(parents=True)
    shutil.copy(path, folder)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=1200, resources={"metadata": {"path": str(folder)}}
    ).execute()
    outputs = [
        output for cell in notebook.cells for output in cell.get("outputs", [])
    ]
    texts = [output.get("text", "") for output in outputs]
    images = [o for o in outputs if "image/png" in o.get("data", {})]
    assert images, "the learning curves are a picture"
    assert any("test examples of sample" in text for text in texts)
    assert list((tmp_path / "saved_models" / path.stem).glob("*/*.pb"))
