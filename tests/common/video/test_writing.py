"""GIFs are read back as they were written; strips show frames and labels."""

import numpy as np
import pytest
from PIL import Image

from common.errors import UserError
from common.video import writing
from tests.common.video import clips


def few_colors(count=5):
    """Returns frames with 200 colors each."""
    rng = np.random.default_rng(0)
    colors = rng.integers(0, 256, (count, 200, 3), np.uint8)
    places = rng.integers(0, 200, (16, 16))
    return colors[:, places]


def test_a_gif_is_read_back(tmp_path):
    frames = few_colors()
    frames[2] = frames[1]  # Equal frames are not merged.
    writing.write_gif(tmp_path / "clip.gif", frames, 0.04)
    content = (tmp_path / "clip.gif").read_bytes()
    result = clips.read(content)
    np.testing.assert_array_equal(result.frames[0], frames)
    np.testing.assert_allclose(result.durations[0], 0.04, rtol=1e-6)
    np.testing.assert_array_equal(clips.by_pillow(content), frames)


def test_many_colors_are_reduced(tmp_path):
    rows = np.linspace(0, 255, 64).astype(np.uint8)
    frame = np.stack(np.broadcast_arrays(rows[:, None], rows, rows[::-1]), -1)
    writing.write_gif(tmp_path / "clip.gif", frame[None], 1)
    written = clips.by_pillow((tmp_path / "clip.gif").read_bytes())[0]
    assert np.abs(written - frame.astype(float)).mean() < 10


@pytest.mark.parametrize(("seconds", "delay"), [(0, 20), (1e9, 655_350)])
def test_delays_are_within_what_a_gif_can_hold(tmp_path, seconds, delay):
    writing.write_gif(tmp_path / "clip.gif", few_colors(2), seconds)
    with Image.open(tmp_path / "clip.gif") as image:
        assert image.info["duration"] == delay
        assert image.info["loop"] == 0


def test_a_strip_has_a_row_for_each_clip(tmp_path):
    red = np.zeros((3, 16, 16, 3), np.uint8) + np.array([255, 0, 0], np.uint8)
    blue = red[:2, ..., ::-1]
    writing.write_strip(tmp_path / "s.png", [("red", red), ("blue", blue)])
    pixels = np.asarray(Image.open(tmp_path / "s.png"), int)
    is_red = (pixels == [255, 0, 0]).all(-1)
    is_blue = (pixels == [0, 0, 255]).all(-1)
    # Frames are enlarged four times.
    assert is_red.sum() == 3 * 64 * 64
    assert is_blue.sum() == 2 * 64 * 64
    assert np.nonzero(is_red)[0].max() < np.nonzero(is_blue)[0].min()
    assert np.nonzero(is_red)[1].min() == np.nonzero(is_blue)[1].min()
    margin = pixels[:, : np.nonzero(is_red)[1].min()]
    assert (margin < 100).all(-1).any()  # The labels.


def test_long_clips_are_thinned(tmp_path):
    frames = np.repeat(np.arange(50, dtype=np.uint8), 64 * 64 * 3)
    frames = frames.reshape(50, 64, 64, 3)
    writing.write_strip(tmp_path / "s.png", [("", frames)])
    row = np.asarray(Image.open(tmp_path / "s.png"))[32, :, 0]
    values = [value for value in np.unique(row) if value < 50]
    assert values == list(range(0, 50, 3))


def test_a_full_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        writing.write_gif(tmp_path / "file" / "x.gif", few_colors(), 0.1)
