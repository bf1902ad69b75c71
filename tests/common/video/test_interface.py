"""Clips of the command line are answered in batches, as they come."""

import io
import os
import types

import numpy as np
import pytest

from common.errors import UserError
from common.interface import StandardInput
from common.video import decode
from common.video import interface
from common.video import limits
from tests.common.video import clips


class Names(interface.ClipInterface):
    """Answers a batch with the names of its clips."""

    side = 8
    format_outputs = None

    def answers(self, clips, outputs):
        yield [os.path.basename(clip.name) for clip in clips]


class Model:
    def serve(self, video):
        return {}


def predict(words, batch_size=4):
    config = types.SimpleNamespace(batch_size=batch_size)
    names = Names(types.SimpleNamespace(name="app", config=config))
    return names.predict(Model(), words)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Returns the paths of five short clips and three long ones."""

    def read_one(content, size):
        frames = np.load(io.BytesIO(content))
        return frames, [0.1] * len(frames)

    monkeypatch.setattr(decode, "read_one", read_one)
    for name, count in zip("abcdexyz", [2] * 5 + [12] * 3):
        content = clips.npy(np.zeros((count, 1, 1), np.uint8))
        (tmp_path / f"{name}.npy").write_bytes(content)
    return [str(path) for path in sorted(tmp_path.iterdir())]


def names(batches):
    return ["".join(name[0] for name in batch) for batch in batches]


def test_long_clips_are_answered_in_small_batches(files, monkeypatch):
    small = types.SimpleNamespace(
        MAX_BYTES=30 * limits.frame_bytes(8), frame_bytes=limits.frame_bytes
    )
    monkeypatch.setattr(interface, "limits", small)
    assert names(predict(files)) == ["abcd", "ex", "yz"]
    assert names(predict(files, batch_size=2)) == ["ab", "cd", "ex", "yz"]


def test_what_cannot_be_read_is_named_and_the_rest_answered(
    files, tmp_path, capsys
):
    folder = tmp_path / "folder"
    folder.mkdir()
    batches = predict([files[0], "", str(folder), "x" * 999, files[1]])
    assert names([next(batches), next(batches)]) == ["a", "b"]
    with pytest.raises(UserError, match="^3 of 5 clips could not be read.$"):
        next(batches)
    empty, no_clips, long = capsys.readouterr().err.splitlines()
    assert empty.startswith("app: The name of a clip is empty: pass a file")
    assert no_clips.startswith(f"app: {folder} has no clips: pass a folder")
    assert long.endswith("x cannot be read: File name too long.")


def test_standard_input_is_answered_as_it_comes(files):
    reading, writing = os.pipe()
    with open(reading, "rb") as stream:
        batches = predict(StandardInput(stream))
        for name, path in zip("ab", files):
            os.write(writing, f"{path}\n".encode())
            assert names([next(batches)]) == [name]
        os.close(writing)
        assert not list(batches)
