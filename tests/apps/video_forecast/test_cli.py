"""Forecasts as files: GIFs and strips of frames."""

import pathlib

import numpy as np
import pytest
from PIL import Image

from apps.video_forecast import VideoForecast
from apps.video_forecast.config import VideoForecastConfig
from common.errors import UsageError
from common.errors import UserError
from common.video import decode
from common.video import writing
from tests.common.video.clips import Repeater

SIZE, CONTEXT, HORIZON = 32, 3, 2


@pytest.fixture
def app(tmp_path):
    return VideoForecast(
        VideoForecastConfig(
            run_dir=str(tmp_path / "run"), context=CONTEXT, horizon=HORIZON
        )
    )


def predict(app, *words):
    return list(
        app.interface.predict(Repeater(SIZE, HORIZON), [str(w) for w in words])
    )


def clip(folder, brightness):
    folder.mkdir(parents=True, exist_ok=True)
    frames = np.full((4, SIZE, SIZE, 3), brightness, np.uint8)
    writing.write_gif(folder / "clip.gif", frames, 0.2)
    return folder / "clip.gif"


def test_a_forecast_is_a_gif_with_the_frame_rate_of_the_clip(app, tmp_path):
    (line,) = predict(app, clip(tmp_path, 200))
    name, gif, strip = line.split("\t")
    assert name == str(tmp_path / "clip.gif")
    frames, seconds = decode.read_one(pathlib.Path(gif).read_bytes(), SIZE)
    np.testing.assert_array_equal(
        frames, np.full((HORIZON, SIZE, SIZE, 3), 200)
    )
    np.testing.assert_allclose(seconds, 0.2)
    assert strip == str(tmp_path / "run" / "forecasts" / "clip.forecast.png")


def test_clips_of_the_same_name_are_not_overwritten(app, tmp_path):
    words = [clip(tmp_path / "a", 10), clip(tmp_path / "b", 90)]
    files = [line.split("\t")[1] for line in predict(app, *words)]
    forecasts = [
        decode.read_one(pathlib.Path(file).read_bytes(), SIZE)[0]
        for file in files
    ]
    assert [frames.max() for frames in forecasts] == [10, 90]


def test_the_strip_of_a_test_example_has_the_true_frames(app, tmp_path):
    lines = predict(app, clip(tmp_path, 1), "test:1")
    heights = []
    for line in lines:
        with Image.open(line.split("\t")[2]) as strip:
            heights.append(strip.height)
    assert heights[1] > 1.3 * heights[0]  # Three rows, not two.


def test_unreadable_clips_are_named_and_the_others_answered(
    app, tmp_path, capsys
):
    broken = tmp_path / "broken.gif"
    broken.write_bytes(b"<html>")
    words = [broken, clip(tmp_path, 5), tmp_path / "none.gif", "test:9999"]
    with pytest.raises(UserError, match="3 of 4 clips could not be read"):
        predict(app, *words)
    assert (tmp_path / "run/forecasts/clip.forecast.gif").exists()
    problems = capsys.readouterr().err
    for name in ("broken.gif", "none.gif", "test:9999"):
        assert name in problems
    assert problems.count("video_forecast: ") == 3


def test_a_patch_that_does_not_fit_is_a_wrong_command_line():
    with pytest.raises(UsageError, match="--frame_size=8 is not a multiple"):
        VideoForecastConfig(frame_size=8, patch_size=3)
