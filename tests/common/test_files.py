"""Files appear complete or not at all."""

import os
import pathlib
import subprocess
import sys

import pytest

from common import files
from common.errors import UserError


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    with pytest.raises(RuntimeError), files.written_beside(path) as beside:
        beside.write_text("half of the ne")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_removes_unfinished_files_of_killed_processes(tmp_path):
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    leftover = tmp_path / f".partial-{dead}-a.txt"
    foreign = tmp_path / f".partial-{os.getppid()}-a.txt"
    leftover.write_text("half")
    foreign.write_text("of a living process")
    files.write_text(tmp_path / "a.txt", "whole")
    assert not leftover.exists()
    assert foreign.exists()


def test_names_a_folder_that_cannot_be_created(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"file/a\.txt cannot be written"):
        files.write_text(tmp_path / "file" / "a.txt", "text")


@pytest.mark.skipif(
    not pathlib.Path("/dev/full").exists(), reason="needs /dev/full"
)
def test_a_full_disk_is_reported(tmp_path):
    path = tmp_path / "a.txt"
    with (
        pytest.raises(UserError, match="No space left"),
        files.written_beside(path),
        open("/dev/full", "w", buffering=1) as full,
    ):
        full.write("x\n")
    assert not path.exists()


def test_reads_the_json_and_csv_that_it_wrote(tmp_path):
    files.write_json(tmp_path / "a.json", {"é": [1.5, None]})
    assert files.read_json(tmp_path / "a.json") == {"é": [1.5, None]}
    rows = [{"epoch": 1.0, "loss": 0.25}, {"epoch": 2.0, "loss": 1e-9}]
    files.write_csv(tmp_path / "a.csv", rows)
    assert files.read_csv(tmp_path / "a.csv") == rows


def test_names_a_broken_json_file(tmp_path):
    (tmp_path / "a.json").write_text('{"half": ')
    with pytest.raises(UserError, match=r"a\.json"):
        files.read_json(tmp_path / "a.json")
