"""Clips are read from files and folders of any format, or refused by name."""

import fractions
import io
import os
import pathlib
import re
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image

from common.errors import UserError
from common.video import decode
from common.video import files
from common.video import limits
from tests.common.video import clips

ROOT = pathlib.Path(__file__).parents[3]
RED = np.array([255, 0, 0], np.uint8)


def moving(count=20):
    """Returns frames in which a rectangle moves; so do the public cases."""
    frames = np.zeros((count, 64, 64, 3), np.uint8)
    for t, frame in enumerate(frames):
        frame[20:40, 2 * t : 2 * t + 20] = 255, 40 * (t % 6), 30
    return frames


def array(video):
    """Returns the frames of a NumPy file."""
    return np.load(io.BytesIO(video.content))


def problem(path):
    """Returns the line for a clip that cannot be read, by whatever part."""
    try:
        video = files.read(path)
        decode.check(video.content)
    except UserError as error:
        line = str(error)
    except ValueError as error:
        line = f"{path} {error}."
    else:
        raise AssertionError(f"{path} is readable")
    assert "\n" not in line
    assert str(path) in line
    return line


def write_video(path, frames, codec="mpeg4", times=(), rate=10):
    """Writes a video with PyAV."""
    import av

    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 10_000_000
        for i, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels)
            if times:
                frame.pts, frame.time_base = (
                    times[i],
                    fractions.Fraction(1, rate),
                )
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.fixture
def pictures(tmp_path):
    """Returns a folder with twelve frames and a file that is not a picture."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i, frame in enumerate(moving(12)):
        Image.fromarray(frame).save(folder / f"frame{i}.png")
    (folder / "notes.txt").write_text("twelve frames")
    (folder / "._frame0.png").write_bytes(b"of macOS")
    return folder


def test_pictures_of_a_folder_are_in_natural_order(pictures):
    video = files.read(pictures)
    np.testing.assert_array_equal(array(video), moving(12))
    assert video.durations is None
    assert video.name == str(pictures)


def test_a_folder_of_pictures_is_one_clip(pictures):
    assert files.expand_folders([str(pictures), "x.gif"]) == [
        str(pictures),
        "x.gif",
    ]


def test_a_folder_of_clips_is_many(pictures):
    for name in ("b10.gif", "b9.MP4", ".b8.gif", "readme.md", "cover.jpg"):
        (pictures.parent / name).write_bytes(b"")
    names = files.expand_folders([str(pictures.parent)])
    assert [pathlib.Path(name).name for name in names] == [
        "b9.MP4",
        "b10.gif",
        "pictures",
    ]


def test_a_folder_without_clips_is_refused(tmp_path):
    with pytest.raises(UserError, match="has no clips: pass a folder"):
        files.expand_folders([str(tmp_path)])
    assert "has no pictures" in problem(tmp_path)


@pytest.mark.parametrize("kind", ["GIF", "npy", "JPEG", "PNG", "BMP", "WEBP"])
def test_files_that_the_model_reads_are_left_as_they_are(tmp_path, kind):
    path = tmp_path / "clip"
    if kind == "npy":
        np.save(path.open("wb"), moving(2))
    else:
        Image.fromarray(moving(2)[0]).save(path, kind)
    assert files.read(path) == (str(path), path.read_bytes(), None)
    decode.check(path.read_bytes())


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_become_numpy_files(tmp_path, kind):
    path = tmp_path / "clip"
    first, *more = map(Image.fromarray, moving(3))
    options = {"lossless": True} if kind == "WEBP" else {}
    first.save(
        path,
        kind,
        save_all=True,
        append_images=more,
        duration=[10, 200, 300],
        **options,
    )
    video = files.read(path)
    np.testing.assert_array_equal(array(video), moving(3))
    assert video.durations == [0.1, 0.2, 0.3]


def test_transparent_pixels_of_animations_are_white(tmp_path):
    path = tmp_path / "clip.png"
    first, *more = (Image.new("RGBA", (4, 4), (9, 9, i, i)) for i in (0, 255))
    first.save(path, save_all=True, append_images=more)
    frames = array(files.read(path))
    assert frames[:, 0, 0].tolist() == [[255, 255, 255], [9, 9, 255]]


def test_large_frames_are_scaled_down(tmp_path):
    path = tmp_path / "wide"
    path.mkdir()
    Image.new("RGB", (600, 20), "red").save(path / "1.png")
    frames = array(files.read(path))
    assert frames.shape == (1, 20, files.SIDE, 3)
    assert (frames == RED).all()
    assert array(files.read(path, side=8)).shape == (1, 8, 8, 3)


def test_frames_of_different_sizes_are_refused(pictures):
    Image.new("RGB", (8, 9)).save(pictures / "frame3.png")
    assert "frame 4 has 8 x 9 pixels, the first one 64 x 64" in problem(
        pictures
    )


def test_too_many_frames_are_refused(pictures, monkeypatch):
    monkeypatch.setattr(limits, "MAX_FRAMES", 11)
    assert "has more than 11 frames of 64 x 64 pixels" in problem(pictures)
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MAX_BYTES", 5 * 64 * 64 * 3)
    assert "has more than 5 frames of 64 x 64 pixels" in problem(pictures)


def test_large_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_FILE", 99)
    path = tmp_path / "clip.gif"
    path.write_bytes(b"GIF89a" + bytes(94))
    assert "has more than 99 bytes: cut it" in problem(path)


def test_a_video_is_read(tmp_path):
    path = tmp_path / "clip.mp4"
    write_video(path, moving())
    video = files.read(path)
    assert np.abs(array(video) - moving().astype(int)).mean() < 1
    assert video.durations == pytest.approx([0.1] * 20)


def test_times_of_frames_become_durations(tmp_path):
    path = tmp_path / "clip.mkv"
    write_video(path, moving(4), times=[0, 100, 400, 450], rate=1000)
    assert files.read(path).durations[:3] == pytest.approx([0.1, 0.3, 0.05])


def test_a_pipe_is_read(tmp_path):
    """A pipe cannot seek."""
    path, pipe = tmp_path / "clip.mkv", tmp_path / "pipe"
    write_video(path, moving(5))
    os.mkfifo(pipe)
    content = path.read_bytes()
    writer = threading.Thread(target=lambda: pipe.write_bytes(content))
    writer.start()
    frames = array(files.read(pipe))
    writer.join()
    assert len(frames) == 5


def test_a_playlist_opens_no_further_files(tmp_path):
    write_video(tmp_path / "clip.ts", moving(5), "mpeg2video")
    assert len(array(files.read(tmp_path / "clip.ts"))) == 5
    playlist = tmp_path / "list.mp4"
    playlist.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\nclip.ts\n#EXT-X-ENDLIST"
    )
    assert "is not a video" in problem(playlist)


def test_audio_is_refused(tmp_path):
    import av

    path = tmp_path / "sound.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("aac", 8000, layout="mono")
        samples = np.zeros((1, 8000), np.float32)
        frame = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert "has no video" in problem(path)


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
    assert message in problem(path)


def test_a_missing_file_is_named(tmp_path):
    assert "cannot be read: No such file" in problem(tmp_path / "no.gif")


def test_a_cut_animation_is_refused(tmp_path):
    path = tmp_path / "clip.png"
    first, *more = map(Image.fromarray, moving(3))
    first.save(path, save_all=True, append_images=more)
    path.write_bytes(path.read_bytes()[:-200])
    assert "is cut short or damaged" in problem(path)


@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_a_cut_video_is_read_up_to_the_cut_or_refused(tmp_path, kind):
    path = tmp_path / f"clip.{kind}"
    write_video(path, moving())
    content = path.read_bytes()
    counts = []
    for percent in (1, 50, 90, 99):
        path.write_bytes(content[: len(content) * percent // 100])
        try:
            counts.append(len(array(files.read(path))))
        except UserError as error:
            assert "is not a video, or is cut short or damaged" in str(error)
            counts.append(0)
    if kind == "mkv":
        assert 0 == counts[0] < counts[1] < counts[2] <= counts[3] <= 20
    else:  # The index of the frames is at the end.
        assert counts == [0, 0, 0, 20]


@pytest.mark.parametrize(
    "count", [50, pytest.param(1000, marks=pytest.mark.slow)]
)
def test_damaged_videos_are_read_or_refused(tmp_path, count):
    path = tmp_path / "clip.mkv"
    write_video(path, moving(4))
    content = np.frombuffer(path.read_bytes(), np.uint8)
    rng = np.random.default_rng(count)
    readable = 0
    for _ in range(count):
        changed = content.copy()
        places = rng.integers(len(changed), size=rng.integers(1, 40))
        changed[places] = rng.integers(256, size=len(places))
        path.write_bytes(changed.tobytes())
        try:
            readable += len(array(files.read(path))) > 0
        except UserError as error:
            assert str(path) in str(error)
    assert 0 < readable < count


def test_pyav_is_optional_and_named(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"....ftypisom")
    code = (
        "import pathlib, sys\n"
        "from common.video import files\n"
        "heavy = {'av', 'tensorflow', 'numpy', 'PIL'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "sys.modules['av'] = None\n"
        f"files.read(pathlib.Path({str(tmp_path / 'clip.mp4')!r}))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert re.search(r"UserError: .*PyAV.*pip install 'av~=", result.stderr)
    setup = (ROOT / "setup.cfg").read_text()
    assert re.search(r"pip install '(.+?)'", result.stderr)[1] in setup


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
    video = files.read(public_data("../cases") / "video" / name)
    result = clips.read(video.content, size=64)
    expected = on_ground(moving().astype(float), name)
    assert result.frames.shape == (1, *expected.shape)
    assert np.abs(result.frames[0] - expected).mean() <= LOSSES[name]
    np.testing.assert_allclose(
        video.durations or result.durations[0], 0.1, atol=1e-6
    )
