"""Recordings of any format become WAV files, or are refused by name."""

import io
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import soundfile
import tensorflow as tf

from common.audio import files
from common.audio import formats
from common.audio import wav
from common.audio import writing
from common.errors import UserError
from tests.common.audio import recordings

ROOT = pathlib.Path(__file__).parents[3]
TONE = recordings.tone(4000)


def encoded(kind, subtype=None, samples=TONE, rate=16_000):
    """Returns a file that soundfile writes."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()


@pytest.fixture
def read(tmp_path):
    """Returns a function that reads a file of some content."""

    def read_content(content):
        path = tmp_path / "speech.bin"
        path.write_bytes(content)
        return files.read(path)

    return read_content


@pytest.fixture
def problem(read):
    """Returns a function from the content of a file to the line about it."""

    def refuse(content):
        with pytest.raises(UserError) as error:
            read(content)
        line = str(error.value)
        assert "speech.bin" in line
        assert "\n" not in line
        return line

    return refuse


@pytest.mark.parametrize("shape", [(100,), (100, 3), (0,)])
def test_written_files_are_read(shape):
    samples = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    recording = wav.decode(tf.constant(writing.wav_file(samples, 22_050)))
    assert recording.rate == 22_050
    mean = samples if samples.ndim == 1 else samples.mean(1)
    np.testing.assert_allclose(recording.samples, mean, atol=1e-7)
    content = io.BytesIO(writing.wav_file(samples, 22_050))
    np.testing.assert_array_equal(soundfile.read(content)[0], samples)


def test_wav_files_are_left_as_they_are(read, capsys):
    for content in (recordings.file(), recordings.file(bits=24)):
        assert read(content) == content
    assert not capsys.readouterr().err


def test_a_file_that_is_cut_off_is_named(read, capsys):
    content = recordings.file()[:-61]
    assert read(content) == content
    line = capsys.readouterr().err
    assert "speech.bin is cut off: 61 bytes of its samples are missing" in line


@pytest.mark.parametrize(
    ("kind", "subtype", "error"),
    [
        ("FLAC", "PCM_16", 0),
        ("AIFF", "PCM_24", 0),
        ("AU", "PCM_16", 0),
        ("CAF", "PCM_16", 0),
        ("WAV", "ULAW", 0.03),
        ("WAV", "ALAW", 0.03),
        ("WAV", "IMA_ADPCM", 0.1),
        ("OGG", "VORBIS", 0.1),
        ("MP3", "MPEG_LAYER_III", 0.1),
    ],
)
def test_further_formats_are_converted(read, kind, subtype, error):
    # MP3 has a delay and OGG rings: not from the first sample on.
    smooth = np.sin(np.arange(4000) / 9) * np.hanning(4000)
    recording = wav.decode(tf.constant(read(encoded(kind, subtype, smooth))))
    samples = recording.samples.numpy()
    assert recording.rate == 16_000
    assert len(samples) == pytest.approx(4000, abs=99)
    samples = np.resize(samples, 4000)
    np.testing.assert_allclose(samples, smooth, atol=error + 1e-4)


def test_channels_of_further_formats_are_mixed(read):
    stereo = np.stack([TONE, np.zeros_like(TONE)], 1)
    samples = recordings.read(read(encoded("FLAC", "PCM_16", stereo)))
    np.testing.assert_array_equal(samples, TONE)


def test_a_damaged_file_is_read_up_to_the_damage_or_refused(read, problem):
    noise = np.random.default_rng(0).uniform(-1, 1, 200_000)
    content = encoded("FLAC", "PCM_16", noise)
    samples = recordings.read(read(content[: len(content) // 2]))
    assert 60_000 < len(samples) <= 110_000
    np.testing.assert_allclose(samples, noise[: len(samples)], atol=1e-4)
    assert "is a FLAC file, not a WAV file: convert it" in problem(content[:50])


def test_files_that_are_no_audio_are_refused(problem):
    assert "speech.bin is empty: check how it was made." in problem(b"")
    assert "is a web page or XML, not a WAV" in problem(b"<!DOCTYPE html>")
    assert "is text, or damaged, not a WAV file" in problem(b"speech " * 99)
    assert "has 0 channels" in problem(
        recordings.riff(
            recordings.form(channels=0), recordings.chunk(b"data", b"abcd")
        )
    )


def test_m4a_names_ffmpeg(problem):
    line = problem(b"\0\0\0\x20ftypM4A isom" + bytes(99))
    assert re.search(r"M4A file.*ffmpeg -i \S+speech.bin OUTPUT.wav", line)


def test_rates_of_further_formats_are_checked(problem):
    line = problem(encoded("AIFF", rate=3_000))
    assert "has a sample rate of 3,000 Hz, not 4,000" in line


def test_long_and_large_files_are_refused(problem, monkeypatch):
    monkeypatch.setattr(formats, "MAX_SAMPLES", 3_999)
    assert "has more than 3,999 samples: cut it" in problem(encoded("FLAC"))
    monkeypatch.setattr(files, "MAX_FILE", 99)
    assert "has more than 99 bytes: cut it" in problem(recordings.file())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match="no.wav cannot be read: No such file"):
        files.read(tmp_path / "no.wav")


def test_soundfile_is_optional_and_named(problem, monkeypatch):
    monkeypatch.delitem(sys.modules, "common.audio.formats")
    monkeypatch.delattr("common.audio.formats")
    monkeypatch.setitem(sys.modules, "soundfile", None)
    line = problem(encoded("FLAC"))
    command = re.search(r"is a FLAC file.*run `pip install '(.+?)'`", line)
    for name in ("setup.cfg", "requirements-dev.txt", "docs/installation.md"):
        assert command[1] in (ROOT / name).read_text()


def test_heavy_packages_are_imported_when_they_are_needed():
    code = (
        "import sys\n"
        "from common.audio import files\n"
        "heavy = {'soundfile', 'tensorflow', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
