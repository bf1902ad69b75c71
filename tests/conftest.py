"""What the tests share: quiet TensorFlow, and where the public data lie."""

import os
import pathlib

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


def pytest_addoption(parser):
    parser.addoption(
        "--data_dir", default="", help="Folder of the public data sets."
    )


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
