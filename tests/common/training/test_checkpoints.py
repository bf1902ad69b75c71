"""Checkpoints: whole or not there, checked, and the last two of them."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

from common.errors import UserError
from common.training.checkpoints import Checkpoints

ARRAYS = [np.arange(1000.0), np.ones((3, 2), "f4")]

# Saves state 3 beside 1 and 2, and dies before the operation on files whose
# number is given; an operation that is not there lets it end well.
SAVE_AND_DIE = """
import os, sys
import pathlib
import numpy as np
from common.training.checkpoints import Checkpoints

folder, left = pathlib.Path(sys.argv[1]), int(sys.argv[2])
checkpoints = Checkpoints(folder)
checkpoints.load()

def count(event, arguments=None):
    global left
    if event in OPERATIONS and folder.name in str(arguments):
        left -= 1
        if left < 0:
            os._exit(9)

OPERATIONS = ("open", "os.rename", "os.remove", "os.mkdir", "fsync")
fsync = os.fsync
os.fsync = lambda file: (count("fsync", folder.name), fsync(file))
sys.addaudithook(count)
checkpoints.save({"number": 3}, [np.arange(1000.0), np.ones((3, 2), "f4")])
"""


def filled(folder):
    """Returns the paths of two states that were saved."""
    checkpoints = Checkpoints(folder)
    checkpoints.save({"number": 1}, ARRAYS)
    checkpoints.save({"number": 2}, ARRAYS)
    return sorted(folder.iterdir())


def test_what_was_saved_is_loaded(tmp_path):
    facts = {"number": 2, "text": "é", "rows": [{"loss": 0.1}]}
    Checkpoints(tmp_path).save(facts, ARRAYS)
    found, arrays = Checkpoints(tmp_path).load()
    assert found == facts
    for array, expected in zip(arrays, ARRAYS, strict=True):
        assert array.dtype == expected.dtype
        np.testing.assert_array_equal(array, expected)


def test_nothing_is_loaded_from_nowhere(tmp_path):
    assert Checkpoints(tmp_path / "none").load() is None


def test_the_last_two_are_kept(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for number in range(5):
        checkpoints.save({"number": number}, ARRAYS)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert [name[:6] for name in names] == ["000004", "000005"]


def truncate(content, share):
    return content[: int(share * len(content))]


def flip(content, share):
    place = int(share * len(content))
    flipped = bytes([content[place] ^ 1])
    return content[:place] + flipped + content[place + 1 :]


@pytest.mark.parametrize(
    ("harm", "share"),
    [(truncate, share) for share in (0, 0.25, 0.5, 0.75, 0.99)]
    + [(flip, share) for share in (0, 0.3, 0.6, 0.999)],
)
def test_a_broken_one_is_named_and_the_one_before_is_used(
    tmp_path, capsys, harm, share
):
    _, last = filled(tmp_path)
    last.write_bytes(harm(last.read_bytes(), share))
    facts, _ = Checkpoints(tmp_path).load()
    assert facts == {"number": 1}
    assert f"{last}: broken" in capsys.readouterr().err


def test_a_broken_one_does_not_count_among_the_two(tmp_path):
    first, last = filled(tmp_path)
    last.write_bytes(b"")
    checkpoints = Checkpoints(tmp_path)
    checkpoints.load()
    checkpoints.save({"number": 3}, ARRAYS)
    assert first.exists() and not last.exists()


def test_with_none_whole_there_is_none(tmp_path, capsys):
    for path in filled(tmp_path):
        path.write_bytes(b"")
    assert Checkpoints(tmp_path).load() is None
    assert "beginning anew" in capsys.readouterr().err


def test_a_crash_at_any_operation_leaves_a_whole_one(tmp_path, capsys):
    outcomes = []
    for operation in range(100):
        folder = tmp_path / f"states{operation}"
        filled(folder)
        code = subprocess.run(
            [sys.executable, "-c", SAVE_AND_DIE, folder, str(operation)],
            cwd=pathlib.Path(__file__).parents[2],
        ).returncode
        checkpoints = Checkpoints(folder)
        facts, arrays = checkpoints.load()
        np.testing.assert_array_equal(arrays[0], ARRAYS[0])
        checkpoints.save({}, [])  # Leaves nothing of the dead.
        assert len(list(folder.iterdir())) == 2
        outcomes.append(facts["number"])
        if code == 0:
            break
        assert code == 9
    assert outcomes[-1] == 3
    assert outcomes == sorted(outcomes)  # First the old, then the new.
    assert outcomes.count(2) >= 4  # open, two fsync, rename
    assert capsys.readouterr().err == ""


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    filled(tmp_path)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pathlib.Path, "write_bytes", full)
    with pytest.raises(UserError, match="No space left on device"):
        Checkpoints(tmp_path).save({"number": 3}, ARRAYS)
    facts, _ = Checkpoints(tmp_path).load()
    assert facts == {"number": 2}
    assert len(list(tmp_path.iterdir())) == 2
