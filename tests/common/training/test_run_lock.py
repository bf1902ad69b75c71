"""One process at a time for a run folder."""

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
    """Returns a process that holds a folder, and the folder."""
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


def test_another_process_is_refused_and_told_by_whom(holder):
    process, folder = holder
    told = pytest.raises(UserError, match=f"in use by process {process.pid}:")
    with told, run_lock.held(folder):
        pass
    assert (folder / "lock").exists()


def test_the_lock_of_a_dead_process_is_taken_over(holder):
    process, folder = holder
    process.kill()
    process.wait()
    assert (folder / "lock").read_text() == str(process.pid)
    with run_lock.held(folder):
        assert (folder / "lock").read_text() == str(os.getpid())


def test_a_folder_in_which_nothing_was_made_is_removed(tmp_path):
    with run_lock.held(tmp_path / "run"):
        pass
    assert not (tmp_path / "run").exists()


def test_what_was_made_stays(tmp_path):
    with run_lock.held(tmp_path / "run"):
        (tmp_path / "run" / "notes.txt").write_text("mine")
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["notes.txt"]
