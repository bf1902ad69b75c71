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
    for owner in (dead, os.getpid(), os.getppid()):
        leftover = tmp_path / f".partial-{owner}-x7"
        leftover.mkdir()
        (leftover / "a.txt").write_text("half")
    (tmp_path / ".partial-notes").write_text("mine")
    files.write_text(tmp_path / "a.txt", "whole")
    assert {path.name for path in tmp_path.iterdir()} == {
        *("a.txt", ".partial-notes", f".partial-{os.getppid()}-x7"),
    }


def test_writing_in_writing_keeps_what_is_unfinished(tmp_path):
    path = tmp_path / "a.txt"
    with files.written_beside(path) as beside:
        beside.write_text("first half")
        files.write_text(path, "meanwhile")
        assert beside.read_text() == "first half"
    assert path.read_text() == "first half"
    assert list(tmp_path.iterdir()) == [path]


def test_links_are_replaced_and_not_followed(tmp_path):
    (tmp_path / "diary").write_text("mine")
    (tmp_path / "a.txt").symlink_to(tmp_path / "diary")
    files.write_text(tmp_path / "a.txt", "text")
    assert (tmp_path / "diary").read_text() == "mine"
    assert (tmp_path / "a.txt").read_text() == "text"


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


def test_a_cell_does_not_start_a_formula(tmp_path):
    rows = [{"text": text} for text in ("=1+1", "+1", "-1", "@a", "a=1")]
    files.write_csv(tmp_path / "a.csv", [*rows, {"text": -1.5}])
    assert (tmp_path / "a.csv").read_text().split() == [
        *("text", "'=1+1", "'+1", "'-1", "'@a", "a=1", "-1.5"),
    ]


def test_names_a_broken_json_file(tmp_path):
    (tmp_path / "a.json").write_text('{"half": ')
    with pytest.raises(UserError, match=r"a\.json"):
        files.read_json(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        ("a", str, True),
        (1, str, False),
        (1, int, True),
        (True, int, False),
        (True, bool, True),
        (1, float, True),
        (0.5, float, True),
        (True, float, False),
        (float("nan"), float, False),
        ([1.0, 2], list[float], True),
        ([1.0, "2"], list[float], False),
        ({"a": {"b": [1]}}, dict[str, dict[str, list[float]]], True),
        ({"a": None}, dict[str, float], False),
        ({"a": None}, dict, True),
        ([], dict, False),
    ],
)
def test_types_of_json_values(value, hint, expected):
    assert files.conforms(value, hint) is expected


def test_a_missing_column_is_named(tmp_path):
    files.write_csv(tmp_path / "a.csv", [{"epoch": 1.0}])
    with pytest.raises(UserError, match="a.csv has no column 'seconds'"):
        files.read_csv(tmp_path / "a.csv", "epoch", "seconds")
