"""Clips of all formats are read in a batch, damaged ones harm no other."""

import io
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from common.video import batches
from common.video import decode
from tests.common.images import pictures
from tests.common.video import clips

ROOT = pathlib.Path(__file__).parents[3]
PALETTE = bytes((255, 0, 0, 0, 255, 0))


def frames(count=3, height=16, width=16):
    """Returns random frames, (count, height, width, 3)."""
    rng = np.random.default_rng(count)
    return rng.integers(0, 256, (count, height, width, 3), np.uint8)


def animation(count=3):
    """Returns a GIF."""
    indices = np.zeros((16, 16), np.uint8)
    parts = [clips.Frame(indices + i % 2, delay=20) for i in range(count)]
    return clips.gif(16, 16, parts, PALETTE)


def samples():
    """Returns files of all formats."""
    return {
        "GIF": animation(),
        "NumPy": clips.npy(frames()),
        "gray NumPy": clips.npy(frames()[..., 0]),
    }


def test_batches_are_padded_to_the_longest_clip():
    contents = [clips.npy(frames(2)), b"", animation(5), clips.npy(frames(3))]
    result = clips.read(*contents)
    assert result.counts.tolist() == [2, 0, 5, 3]
    assert result.frames.shape == (4, 5, 16, 16, 3)
    np.testing.assert_allclose(result.durations[0], [0.1, 0.1, 0, 0, 0])
    np.testing.assert_allclose(result.durations[2], [0.2] * 5)
    np.testing.assert_array_equal(result.frames[0, :2], frames(2))
    np.testing.assert_array_equal(result.frames[3, :3], frames(3))
    for row, count in enumerate(result.counts):
        assert not result.frames[row, count:].any()
        assert not result.durations[row, count:].any()


@pytest.mark.parametrize("count", [0, 1, 40])
def test_batches_of_any_size_are_read(count):
    result = clips.read(*[animation()] * count)
    assert result.frames.shape == (count, 3 * (count > 0), 16, 16, 3)
    assert result.counts.tolist() == [3] * count


def test_all_may_be_unreadable():
    result = clips.read(b"x", b"y")
    assert result.frames.shape == (2, 0, 16, 16, 3)
    assert result.durations.shape == (2, 0)
    assert result.counts.tolist() == [0, 0]


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_numpy_files_is_read(version):
    file = io.BytesIO()
    np.lib.format.write_array(file, frames(), version)
    np.testing.assert_array_equal(clips.read_one(file.getvalue()), frames())


def test_a_single_pixel_is_a_clip():
    red = clips.gif(1, 1, [clips.Frame(np.zeros((1, 1), np.uint8))], PALETTE)
    for content in (red, clips.npy(np.array([[[[255, 0, 0]]]], np.uint8))):
        assert (clips.read_one(content) == [255, 0, 0]).all()


def test_gray_frames_have_three_equal_channels():
    pixels = clips.read_one(clips.npy(frames()[..., 0]))
    np.testing.assert_array_equal(
        pixels, np.repeat(frames()[..., :1], 3, axis=-1)
    )


def test_numpy_files_are_resized_like_pictures():
    clip = frames(2, 40, 24)
    pixels = clips.read_one(clips.npy(clip))
    for frame, original in zip(pixels, clip):
        expected = Image.fromarray(original).resize((16, 16), 2)
        assert np.abs(frame - np.asarray(expected, float)).max() < 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a GIF or NumPy file"),
        (b"<html>", "is not a GIF or NumPy file"),
        (clips.npy(frames())[:-1], "is cut short or damaged"),
        (clips.npy(frames())[:9], "is cut short or damaged"),
        (clips.npy(frames().astype("f4")), "but not of the type uint8"),
        (clips.npy(np.asfortranarray(frames())), "is in Fortran order"),
        (
            clips.npy(frames()[0, 0]),
            "has the shape (16, 3), not (time, height, width)",
        ),
        (
            clips.npy(frames()[0]),
            "shape (16, 16, 3), which is one RGB picture: add a first axis",
        ),
        (clips.npy(frames()[..., :2]), "has the shape (3, 16, 16, 2), not"),
        (clips.npy(frames()[:0]), "has no frames"),
        (clips.npy(frames()[:, :0]), "has no pixels"),
        (
            clips.npy(np.zeros((10_001, 1, 1), np.uint8)),
            "has 10,001 frames, more than 10,000",
        ),
        (
            clips.npy(frames(1)).replace(b"(1, 16", b"(9999, 999"),
            "has 9,999 frames of 16 x 999 pixels, more than 268,435,456 bytes",
        ),
        (
            clips.npy(frames(1)).replace(b"(1, 16", b"(99999999999999, 1"),
            "has the shape (99,999,999,999,999, 1, 16, 3), not",
        ),
        (pictures.samples()["JPEG"], "is not a GIF or NumPy file"),
    ],
    ids=range(15),
)
def test_reasons_are_precise(content, message):
    assert message in clips.reason(content)


def test_the_bytes_of_the_result_are_limited():
    content = clips.npy(np.zeros((9000, 1, 1), np.uint8))
    decode.check(content)
    with pytest.raises(ValueError, match="9,000 frames.*of 64 x 64 pixels"):
        decode.check(content, 64)


def test_the_bytes_of_a_batch_are_limited():
    """Padding to one long clip multiplies it."""
    contents = [clips.npy(np.zeros((1000, 1, 1), np.uint8)), *[b""] * 799]
    message = "800 clips of 1000 frames, .* pass fewer or shorter clips at once"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        clips.read(*contents)
    # What the padding does not multiply is read.
    few = decode.read(tf.constant(contents), 16, last=3)
    assert few.frames.shape == (800, 3, 16, 16, 3)


def test_the_last_frames_are_read():
    contents = [clips.npy(frames(5)), b"", clips.npy(frames(2)), animation(4)]
    result = decode.read(tf.constant(contents), 16, last=3)
    assert result.counts.numpy().tolist() == [3, 0, 2, 3]
    np.testing.assert_array_equal(result.frames[0], frames(5)[-3:])
    np.testing.assert_array_equal(result.frames[2, :2], frames(2))
    np.testing.assert_allclose(result.durations[3], [0.2] * 3)


def test_the_bytes_of_arrays_and_pictures_are_limited():
    message = "1 clips of 1000000 frames.*pass fewer or shorter clips"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        batches.resize(tf.zeros([1, 10**6, 1, 1, 3], tf.uint8), 32)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        batches.read_pictures(tf.fill([1, 10**6], ""), 32)


def damaged(content, rng):
    """Returns a file with changed, missing and additional bytes."""
    content = bytearray(content)
    for _ in range(rng.integers(1, 6)):
        start = rng.integers(len(content) + 1)
        kind = rng.integers(4)
        if kind == 0:
            content[start : start + 1] = rng.bytes(1)
        elif kind == 1:
            content[start : start + rng.integers(1, 99)] = b""
        elif kind == 2:
            content[start:start] = rng.bytes(rng.integers(1, 99))
        else:
            content[start : start + 1] = b"\xff"
    return bytes(content)


@pytest.mark.parametrize(
    "count", [50, pytest.param(1000, marks=pytest.mark.slow)]
)
def test_damaged_files_are_read_or_refused(count):
    rng = np.random.default_rng(count)
    originals = list(samples().values())
    contents = [
        damaged(originals[i % len(originals)], rng) for i in range(count)
    ]
    for start in range(0, count, 50):
        batch = contents[start : start + 50]
        result = clips.read(*batch)
        assert 0 < np.count_nonzero(result.counts) < 50
        assert result.frames.min() >= 0
        assert result.frames.max() <= 255
        for content, readable in zip(batch, result.counts > 0):
            if readable:
                decode.check(content)
            else:
                with pytest.raises(ValueError) as error:
                    decode.check(content)
                assert error.type is ValueError


SERVE = """
import pathlib, sys
sys.modules["keras"] = None  # TensorFlow would import it.
import numpy as np
import tensorflow as tf

paths = sorted(pathlib.Path().glob("*.clip"))
contents = [path.read_bytes() for path in paths]
read = tf.saved_model.load("model").signatures["serving_default"]
np.savez("answers", **read(video=tf.constant(contents)))
assert read(video=tf.constant([], tf.string))["frames"].shape[0] == 0
assert "common" not in sys.modules
"""


class Reader(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "video")])
    def serve(self, video):
        return decode.read(video, 16)._asdict()


@pytest.mark.slow
def test_a_saved_model_reads_clips(tmp_path):
    contents = [*samples().values(), b"nothing"]
    for i, content in enumerate(contents):
        (tmp_path / f"{i}.clip").write_bytes(content)
    reader = Reader()
    tf.saved_model.save(reader, tmp_path / "model", reader.serve)
    subprocess.run([sys.executable, "-c", SERVE], cwd=tmp_path, check=True)
    answers = np.load(tmp_path / "answers.npz")
    expected = clips.read(*contents)
    for name, value in expected._asdict().items():
        np.testing.assert_array_equal(answers[name], value)
