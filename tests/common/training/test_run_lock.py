"""A run folder is used by one process at a time."""

import os
import subprocess
import sys

import pytest

from common.errors import UserError
from common.training import run_lock

HOLD = """
import pathlib, sys
from common.training import run_lock
with run_lock.held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path, request):
    """Yields a process that holds a lock, and the locked folder."""
    folder = tmp_path / "run"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=request.config.rootpath,
    ) as process:
        assert process.stdout.readline() == b"held\n"
        yield process, folder
        process.kill()


def test_refuses_a_second_process_and_names_the_first(holder):
    process, folder = holder
    refusal = f"in use by process {process.pid}:"
    with (
        pytest.raises(UserError, match=refusal),
        run_lock.held(folder),
    ):
        pass
    assert (folder / ".lock").exists()


def test_takes_over_the_lock_of_a_dead_process(holder):
    process, folder = holder
    process.kill()
    process.wait()
    assert (folder / ".lock").read_text() == str(process.pid)
    with run_lock.held(folder):
        assert (folder / ".lock").read_text() == str(os.getpid())


def test_removes_an_empty_folder(tmp_path):
    with run_lock.held(tmp_path / "run"):
        pass
    assert not (tmp_path / "run").exists()


def test_keeps_a_folder_with_files(tmp_path):
    with run_lock.held(tmp_path / "run"):
        (tmp_path / "run" / "notes.txt").write_text("mine")
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["notes.txt"]


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "diary").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").symlink_to(tmp_path / "diary")
    with (
        pytest.raises(UserError, match="run cannot be written"),
        run_lock.held(tmp_path / "run"),
    ):
        pass
    assert (tmp_path / "diary").read_text() == "mine"


def test_a_file_of_the_user_is_not_emptied(tmp_path):
    for name in ("lock", ".lock"):
        (tmp_path / name).write_text("mine")
    with (
        pytest.raises(UserError, match=r"\.lock is not the lock of a run"),
        run_lock.held(tmp_path),
    ):
        pass
    assert (tmp_path / ".lock").read_text() == "mine"
    (tmp_path / ".lock").unlink()
    with run_lock.held(tmp_path):
        pass
    assert (tmp_path / "lock").read_text() == "mine"
