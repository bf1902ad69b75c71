"""Videos are read with PyAV: rotation, times, damage."""

import fractions
import os
import pathlib
import re
import struct
import subprocess
import sys
import threading

import numpy as np
import pytest

from common.errors import UserError
from common.video import files
from tests.common.video import clips

ROOT = pathlib.Path(__file__).parents[3]


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


def test_a_video_is_read(tmp_path):
    path = tmp_path / "clip.mp4"
    write_video(path, clips.moving())
    video = files.read(path, clips.SIDE)
    assert np.abs(clips.array(video) - clips.moving().astype(int)).mean() < 1
    assert video.durations == pytest.approx([0.1] * 20)


@pytest.mark.parametrize(
    ("matrix", "upright"),
    [
        ((1, 0, 0, 1), lambda frame: frame),
        ((0, -1, 1, 0), lambda frame: np.rot90(frame)),
        ((0, 1, -1, 0), lambda frame: np.rot90(frame, -1)),
        ((-1, 0, 0, -1), lambda frame: np.rot90(frame, 2)),
        ((-1, 0, 0, 1), lambda frame: frame[:, ::-1]),
        ((0, 1, 1, 0), lambda frame: frame.swapaxes(0, 1)),
    ],
    ids=["upright", "left", "right", "upside down", "mirrored", "transposed"],
)
def test_the_rotation_of_phones_is_applied(tmp_path, matrix, upright):
    path = tmp_path / "clip.mp4"
    frames = clips.moving(2)[:, :48]
    write_video(path, frames)
    content = path.read_bytes()

    def encoded(a, b, c, d):
        numbers = [a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30]
        return struct.pack(">9i", *numbers)

    track = content.index(b"tkhd")
    place = content.index(encoded(1, 0, 0, 1), track)
    path.write_bytes(content[:place] + encoded(*matrix) + content[place + 36 :])
    expected = upright(frames[0].astype(int))
    pixels = clips.array(files.read(path, clips.SIDE))[0]
    assert pixels.shape == expected.shape
    assert np.abs(pixels - expected).mean() < 1


def test_times_of_frames_become_durations(tmp_path):
    path = tmp_path / "clip.mkv"
    write_video(path, clips.moving(4), times=[0, 100, 400, 450], rate=1000)
    durations = files.read(path, clips.SIDE).durations
    assert durations[:3] == pytest.approx([0.1, 0.3, 0.05])


def test_a_pipe_is_read(tmp_path):
    """A pipe cannot seek."""
    path, pipe = tmp_path / "clip.mkv", tmp_path / "pipe"
    write_video(path, clips.moving(5))
    os.mkfifo(pipe)
    content = path.read_bytes()
    writer = threading.Thread(target=lambda: pipe.write_bytes(content))
    writer.start()
    frames = clips.array(files.read(pipe, clips.SIDE))
    writer.join()
    assert len(frames) == 5


def test_a_playlist_opens_no_further_files(tmp_path):
    write_video(tmp_path / "clip.ts", clips.moving(5), "mpeg2video")
    assert len(clips.array(files.read(tmp_path / "clip.ts", clips.SIDE))) == 5
    playlist = tmp_path / "list.mp4"
    playlist.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\nclip.ts\n#EXT-X-ENDLIST"
    )
    assert "is not a video" in clips.problem(playlist)


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
    assert "has no video stream" in clips.problem(path)


@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_a_cut_video_is_read_up_to_the_cut_or_refused(tmp_path, kind):
    path = tmp_path / f"clip.{kind}"
    write_video(path, clips.moving())
    content = path.read_bytes()
    counts = []
    for percent in (1, 50, 90, 99):
        path.write_bytes(content[: len(content) * percent // 100])
        try:
            counts.append(len(clips.array(files.read(path, clips.SIDE))))
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
    write_video(path, clips.moving(4))
    content = np.frombuffer(path.read_bytes(), np.uint8)
    rng = np.random.default_rng(count)
    readable = 0
    for _ in range(count):
        changed = content.copy()
        places = rng.integers(len(changed), size=rng.integers(1, 40))
        changed[places] = rng.integers(256, size=len(places))
        path.write_bytes(changed.tobytes())
        try:
            readable += len(clips.array(files.read(path, clips.SIDE))) > 0
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
        f"files.read(pathlib.Path({str(tmp_path / 'clip.mp4')!r}), 256)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert re.search(r"UserError: .*PyAV.*pip install 'av~=", result.stderr)
    setup = (ROOT / "setup.cfg").read_text()
    assert re.search(r"pip install '(.+?)'", result.stderr)[1] in setup
