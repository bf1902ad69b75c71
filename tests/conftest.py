"""Quiet TensorFlow, the folder of the public data, and groups of tests."""

import gc
import os
import pathlib

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# Of small matrices, one thread does the work while the others wait busily.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_addoption(parser):
    parser.addoption(
        "--data_dir", default="", help="Folder of the public data sets."
    )


@pytest.hookimpl(tryfirst=True)  # Before xdist reads the groups.
def pytest_collection_modifyitems(items):
    """Groups tests that share a trained model: a folder, an app of a file.

    With `--dist=loadgroup` a group stays on one worker.
    """
    for item in items:
        path = pathlib.PurePosixPath(item.location[0])
        shares_folder = path.parts[:2] == ("tests", "apps") and path.parts[3:]
        group = str(path.parent if shares_folder else path)
        app_class = getattr(item, "callspec", None)
        app_class = app_class and app_class.params.get("run")
        if app_class:
            group += app_class.name
        item.add_marker(pytest.mark.xdist_group(group))


def pytest_collection_finish():
    """Spares the garbage collector what the imported libraries consist of."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def public_data(request):
    """Returns a function from the name of a data set to its folder."""

    def find(name):
        root = request.config.getoption("--data_dir")
        folder = pathlib.Path(root, name)
        if not root or not folder.exists():
            pytest.skip(f"no {name} below --data_dir={root}")
        return folder

    return find
