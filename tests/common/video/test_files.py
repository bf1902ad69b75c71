"""Clips are read from files and folders of any format, or refused by name."""

import pathlib

import numpy as np
import pytest
from PIL import Image

from common.video import decode
from common.video import files
from common.video import limits
from tests.common.video import clips

ROOT = pathlib.Path(__file__).parents[3]
RED = np.array([255, 0, 0], np.uint8)


@pytest.fixture
def pictures(tmp_path):
    """Returns a folder with twelve frames and a file that is not a picture."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i, frame in enumerate(clips.moving(12)):
        Image.fromarray(frame).save(folder / f"frame{i}.png")
    (folder / "notes.txt").write_text("twelve frames")
    (folder / "._frame0.png").write_bytes(b"of macOS")
    return folder


def test_pictures_of_a_folder_are_in_natural_order(pictures):
    video = files.read(pictures, clips.SIDE)
    np.testing.assert_array_equal(clips.array(video), clips.moving(12))
    assert video.durations is None
    assert video.name == str(pictures)


def test_a_folder_of_pictures_is_one_clip(pictures):
    for word in (str(pictures), "x.gif", ""):
        assert files.expand_folder(word) == [word]


def test_a_folder_of_clips_is_many(pictures, capsys):
    for name in ("b10.gif", "b9.MP4", ".b8.gif", "readme.md", "cover.jpg"):
        (pictures.parent / name).write_bytes(b"")
    names = files.expand_folder(str(pictures.parent))
    assert [pathlib.Path(name).name for name in names] == [
        "b9.MP4",
        "b10.gif",
        "pictures",
    ]
    assert "left out cover.jpg, readme.md: neither" in capsys.readouterr().err


def test_a_folder_without_clips_is_refused(tmp_path):
    (tmp_path / "notes.txt").touch()
    assert files.expand_folder(str(tmp_path)) == [str(tmp_path)]
    assert "has no clips: pass a folder" in clips.problem(tmp_path)


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_animations_in_a_folder_are_clips(pictures, kind, capsys):
    """They are no frames of one: only their first frames would be read."""
    path = pictures / f"frame2.{kind}"
    first, *more = map(Image.fromarray, clips.moving(3))
    first.save(path, save_all=True, append_images=more)
    assert files.expand_folder(str(pictures)) == [str(path)]
    left_out = "left out frame0.png, frame1.png, "
    assert left_out in capsys.readouterr().err
    problem = clips.problem(pictures)
    assert f"{path} is an animation, not a picture" in problem


@pytest.mark.parametrize("kind", ["GIF", "npy"])
def test_files_that_the_model_reads_are_left_as_they_are(tmp_path, kind):
    path = tmp_path / "clip"
    if kind == "npy":
        np.save(path.open("wb"), clips.moving(2))
    else:
        Image.fromarray(clips.moving(2)[0]).save(path, kind)
    assert files.read(path, clips.SIDE) == (str(path), path.read_bytes(), None)
    decode.check(path.read_bytes())


@pytest.mark.parametrize("kind", ["PNG", "BMP", "JPEG", "WEBP"])
def test_a_picture_is_a_clip_of_one_frame(tmp_path, kind):
    path = tmp_path / "picture"
    frame = clips.moving(1)[0]
    Image.fromarray(frame).save(path, kind)
    video = files.read(path, clips.SIDE)
    frames, seconds = decode.read_one(video.content, 64)
    np.testing.assert_allclose(seconds, [0.1])
    assert video.durations is None
    expected = np.asarray(Image.open(path).convert("RGB"))
    np.testing.assert_array_equal(frames, [expected])


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_become_numpy_files(tmp_path, kind):
    path = tmp_path / "clip"
    first, *more = map(Image.fromarray, clips.moving(3))
    options = {"lossless": True} if kind == "WEBP" else {}
    first.save(
        path,
        kind,
        save_all=True,
        append_images=more,
        duration=[10, 200, 300],
        **options,
    )
    video = files.read(path, clips.SIDE)
    np.testing.assert_array_equal(clips.array(video), clips.moving(3))
    assert video.durations == [0.1, 0.2, 0.3]


def test_transparent_pixels_of_animations_are_white(tmp_path):
    path = tmp_path / "clip.png"
    first, *more = (Image.new("RGBA", (4, 4), (9, 9, i, i)) for i in (0, 255))
    first.save(path, save_all=True, append_images=more)
    frames = clips.array(files.read(path, clips.SIDE))
    assert frames[:, 0, 0].tolist() == [[255, 255, 255], [9, 9, 255]]


def test_large_frames_are_scaled_down(tmp_path):
    path = tmp_path / "wide"
    path.mkdir()
    Image.new("RGB", (600, 20), "red").save(path / "1.png")
    frames = clips.array(files.read(path, clips.SIDE))
    assert frames.shape == (1, 20, clips.SIDE, 3)
    assert (frames == RED).all()
    assert clips.array(files.read(path, side=8)).shape == (1, 8, 8, 3)


def test_frames_of_different_sizes_are_refused(pictures):
    Image.new("RGB", (8, 9)).save(pictures / "frame3.png")
    assert "frame 4 has 8 x 9 pixels, the first one 64 x 64" in clips.problem(
        pictures
    )


def test_too_many_frames_are_refused(pictures, monkeypatch):
    monkeypatch.setattr(limits, "MAX_FRAMES", 11)
    assert "has more than 11 frames of 64 x 64 pixels" in clips.problem(
        pictures
    )
    monkeypatch.undo()
    # The decoder would enlarge them to float32 of 256 x 256 pixels.
    monkeypatch.setattr(limits, "MAX_BYTES", 5 * 256 * 256 * 3 * 4)
    assert "has more than 5 frames of 64 x 64 pixels" in clips.problem(pictures)


def test_large_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_FILE", 99)
    path = tmp_path / "clip.gif"
    path.write_bytes(b"GIF89a" + bytes(94))
    assert "has more than 99 bytes: cut it" in clips.problem(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.mp4", b"<!DOCTYPE html><html></html>" * 9, "is not a video"),
        ("a.gif", b"", "is empty"),
        ("a.npy", b"\x93NUMPY", "is cut short or damaged"),
        ("a.gif", clips.gif(9, 9, []), "has no complete frame"),
        ("a.png", files.PNG + bytes(99), "is cut short or damaged"),
        ("a.avi", b"RIFF\0\0\0\0AVI LIST", "is not a video"),
    ],
    ids=range(6),
)
def test_damaged_files_are_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    assert message in clips.problem(path)


def test_a_missing_file_is_named(tmp_path):
    assert "cannot be read: No such file" in clips.problem(tmp_path / "no.gif")


def test_a_cut_animation_is_refused(tmp_path):
    path = tmp_path / "clip.png"
    first, *more = map(Image.fromarray, clips.moving(3))
    first.save(path, save_all=True, append_images=more)
    path.write_bytes(path.read_bytes()[:-200])
    assert "is cut short or damaged" in clips.problem(path)


def on_ground(frames, name):
    """Returns the frames of a public case as its README states them."""
    if name == "rot90.mp4":
        return np.rot90(frames, axes=(1, 2))
    if name == "transparent.gif":  # Black is transparent.
        return np.where(frames.any(-1, keepdims=True), frames, 255)
    if name in ("one.gif", "interlaced.gif"):
        return frames[:1]
    return frames


# The mean difference of the codec, or of the palette of a file.
LOSSES = {
    "a.gif": 2,
    "a.png": 0,
    "anim.webp": 0.1,
    "h264.mp4": 0.5,
    "interlaced.gif": 1,
    "mjpeg.avi": 0.2,
    "one.gif": 0,
    "pil.gif": 0,
    "rot90.mp4": 0.5,
    "transparent.gif": 0,
    "vp9.webm": 0.3,
}


@pytest.mark.real_data
@pytest.mark.parametrize("name", LOSSES)
def test_the_cases_have_the_stated_frames(public_data, name):
    video = files.read(public_data("../cases") / "video" / name, clips.SIDE)
    result = clips.read(video.content, size=64)
    expected = on_ground(clips.moving().astype(float), name)
    assert result.frames.shape == (1, *expected.shape)
    assert np.abs(result.frames[0] - expected).mean() <= LOSSES[name]
    np.testing.assert_allclose(
        video.durations or result.durations[0], 0.1, atol=1e-6
    )
