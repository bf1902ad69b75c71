"""Checkpoints are complete, verified, and the last two of them are kept."""

import hashlib
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from common.errors import UserError
from common.training.checkpoints import Checkpoints

ARRAYS = [np.arange(1000.0), np.ones((3, 2), "f4")]

# Saves checkpoint 3 after 1 and 2, and dies before the file operation of the
# given number; it ends well if there are fewer operations.
SAVE_AND_CRASH = """
import os, sys
import pathlib
import numpy as np
from common.training.checkpoints import Checkpoints

folder, remaining = pathlib.Path(sys.argv[1]), int(sys.argv[2])
checkpoints = Checkpoints(folder)
checkpoints.load()

def count(event, arguments=None):
    global remaining
    if event in OPERATIONS and folder.name in str(arguments):
        remaining -= 1
        if remaining < 0:
            os._exit(9)

OPERATIONS = ("open", "os.rename", "os.remove", "os.mkdir", "fsync")
fsync = os.fsync
os.fsync = lambda file: (count("fsync", folder.name), fsync(file))
sys.addaudithook(count)
checkpoints.save({"number": 3}, [np.arange(1000.0), np.ones((3, 2), "f4")])
"""


def filled(folder):
    """Saves two checkpoints, and returns their paths."""
    checkpoints = Checkpoints(folder)
    checkpoints.save({"number": 1}, ARRAYS)
    checkpoints.save({"number": 2}, ARRAYS)
    return sorted(folder.iterdir())


def test_loads_what_was_saved(tmp_path):
    progress = {"number": 2, "text": "é", "rows": [{"loss": 0.1}]}
    Checkpoints(tmp_path).save(progress, ARRAYS)
    loaded, arrays = Checkpoints(tmp_path).load()
    assert loaded == progress
    for array, expected in zip(arrays, ARRAYS, strict=True):
        assert array.dtype == expected.dtype
        np.testing.assert_array_equal(array, expected)


def test_a_missing_folder_has_no_checkpoint(tmp_path):
    assert Checkpoints(tmp_path / "none").load() is None


def test_keeps_the_last_two(tmp_path):
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
    ("damage", "share"),
    [(truncate, share) for share in (0, 0.25, 0.5, 0.75, 0.99)]
    + [(flip, share) for share in (0, 0.3, 0.6, 0.999)],
)
def test_reports_a_broken_checkpoint_and_uses_the_one_before(
    tmp_path, capsys, damage, share
):
    _, last = filled(tmp_path)
    last.write_bytes(damage(last.read_bytes(), share))
    progress, _ = Checkpoints(tmp_path).load()
    assert progress == {"number": 1}
    assert f"{last}: broken" in capsys.readouterr().err


def test_a_broken_checkpoint_does_not_count_as_one_of_the_two(tmp_path):
    first, last = filled(tmp_path)
    last.write_bytes(b"")
    checkpoints = Checkpoints(tmp_path)
    checkpoints.load()
    checkpoints.save({"number": 3}, ARRAYS)
    assert first.exists() and not last.exists()


def test_without_an_intact_checkpoint_there_is_none(tmp_path, capsys):
    for path in filled(tmp_path):
        path.write_bytes(b"")
    assert Checkpoints(tmp_path).load() is None
    assert "starting over" in capsys.readouterr().err


def test_a_crash_at_any_operation_leaves_an_intact_checkpoint(tmp_path, capsys):
    outcomes = []
    for operation in range(100):
        folder = tmp_path / f"states{operation}"
        filled(folder)
        code = subprocess.run(
            [sys.executable, "-c", SAVE_AND_CRASH, folder, str(operation)],
            cwd=pathlib.Path(__file__).parents[3],
        ).returncode
        checkpoints = Checkpoints(folder)
        progress, arrays = checkpoints.load()
        np.testing.assert_array_equal(arrays[0], ARRAYS[0])
        checkpoints.save({}, [])  # Removes unfinished files.
        assert len(list(folder.iterdir())) == 2
        outcomes.append(progress["number"])
        if code == 0:
            break
        assert code == 9
    assert outcomes[-1] == 3
    assert outcomes == sorted(outcomes)  # First the old one, then the new one.
    assert outcomes.count(2) >= 4  # open, two fsync, rename
    assert capsys.readouterr().err == ""


def test_a_full_disk_leaves_the_old_checkpoints(tmp_path, monkeypatch):
    filled(tmp_path)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pathlib.Path, "write_bytes", full)
    with pytest.raises(UserError, match="No space left on device"):
        Checkpoints(tmp_path).save({"number": 3}, ARRAYS)
    progress, _ = Checkpoints(tmp_path).load()
    assert progress == {"number": 2}
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_with_a_right_digest_that_is_no_checkpoint_is_named(tmp_path):
    content = b"no archive"
    digest = hashlib.sha256(content).hexdigest()[:16]
    path = tmp_path / f"000001-{digest}.npz"
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"{path} is no checkpoint"):
        Checkpoints(tmp_path).load()
