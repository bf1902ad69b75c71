"""Clips of the command line, their segments, and the timeline."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from apps.video.cli import figures
from common.errors import UserError
from common.video import packing
from common.video import writing


def predict(app, model, *words):
    """Returns the lines that `predict` prints."""
    return list(app.interface.commands["predict"](app.interface, model, words))


@pytest.fixture
def folder(clips, tmp_path):
    """A clip as a GIF with 0.2 s a frame, and as a folder of pictures."""
    frames = np.load(io.BytesIO(clips[0][0]))[:6]
    writing.write_gif(tmp_path / "clip.gif", frames, 0.2)
    (tmp_path / "frames").mkdir()
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(tmp_path / "frames" / f"{number}.png")
    (tmp_path / "text.gif").write_text("Not a clip.")
    return tmp_path


def test_clips_are_files_folders_and_test_examples(app_with, model, folder):
    words = [str(folder / "clip.gif"), str(folder / "frames"), "test:3"]
    lines = predict(app_with(), model, *words)
    assert [line.split("\t")[0] for line in lines] == words
    ends = [re.findall(r"-([\d.]+) s: \w+ \([01]\.\d\d\)", x) for x in lines]
    assert [float(end[-1]) for end in ends] == [1.2, 0.6, 2.4]


def test_unreadable_clips_are_named_and_the_others_answered(
    app_with, model, folder, capsys
):
    names = [str(folder / "text.gif"), str(folder / "none.gif")]
    app, lines = app_with(), []
    with pytest.raises(UserError, match="3 of 4 clips could not be read"):
        lines.extend(
            app.interface.predict(model, [*names, "test:99", "test:0"])
        )
    assert [line.split("\t")[0] for line in lines] == ["test:0"]
    problems = capsys.readouterr().err.splitlines()
    for name, problem in zip([*names, "test:99"], problems, strict=True):
        assert problem.startswith(f"video: {name}")


def test_seconds_of_a_file_without_times_are_those_of_its_container(
    app_with, model, clips, monkeypatch
):
    from common.video import files

    content = clips[0][0]
    durations = [0.04] * 23 + [1.0]
    clip = files.VideoFile("clip.mp4", content, durations)
    monkeypatch.setattr(files, "read", lambda path, side: clip)
    (line,) = predict(app_with(), model, "clip.mp4")
    assert line.split("\t")[1].startswith("0.0-")
    assert "-1.9 s" in line


def test_the_timeline_is_drawn(app_with, model, tmp_path):
    path = tmp_path / "timeline.png"
    lines = predict(app_with(timeline=str(path)), model, "test:0")
    assert lines[-1] == f"See {path}"
    with Image.open(path) as image:
        assert image.format == "PNG"


def test_the_timeline_has_an_area_for_each_label(clips):
    labels = np.array([b"falls", b"rests"])
    start = np.arange(24) / 10
    figure = figures.timeline(
        clips[0][0],
        32,
        labels,
        np.tile([0.2, 0.8], (24, 1)),
        start,
        start + 0.1,
    )
    _, axes = figure.axes
    names = {text.get_text() for text in axes.get_legend().get_texts()}
    assert names == {"falls", "rests"}
    assert axes.get_xlim() == pytest.approx((0, 2.4))
    heights = [
        area.get_paths()[0].vertices[:, 1].max() for area in axes.collections
    ]
    assert heights == pytest.approx([0.2, 1])


def test_the_timeline_of_a_long_clip_is_drawn():
    """Its frames are too many for any larger side than the model's."""
    content = packing.npy_file(np.zeros((1400, 1, 1), np.uint8))
    times = np.arange(1400) / 10
    figure = figures.timeline(
        content,
        32,
        np.array([b"a", b"b"]),
        np.full((1400, 2), 0.5),
        times,
        times + 0.1,
    )
    assert figure.axes[1].get_xlim() == (0, 140)


@pytest.mark.parametrize(
    ("timeline", "words", "message"),
    [
        ("x.gif", ["test:0"], "--timeline=x.gif: .* end in .png"),
        ("x.png", ["test:0", "test:1"], "draws one clip: pass one, not 2"),
    ],
)
def test_a_timeline_that_cannot_be_drawn_is_refused(
    app_with, model, timeline, words, message
):
    with pytest.raises(UserError, match=message):
        predict(app_with(timeline=timeline), model, *words)
