"""WAV files of all encodings have their samples, or are refused by name."""

import csv

import numpy as np
import pytest
import tensorflow as tf

from common.audio import wav
from common.images import binary
from tests.apps import corruption
from tests.common.audio import recordings
from tests.common.audio.recordings import TONE
from tests.common.audio.recordings import assert_tone
from tests.common.audio.recordings import chunk
from tests.common.audio.recordings import form
from tests.common.audio.recordings import riff

FLOAT, EXTENSIBLE = recordings.FLOAT, recordings.EXTENSIBLE


@pytest.mark.parametrize(
    ("bits", "encoding"),
    [
        *[(bits, recordings.PCM) for bits in (8, 16, 24, 32)],
        *[(bits, FLOAT) for bits in (32, 64)],
    ],
)
@pytest.mark.parametrize("order", "<>")
def test_samples_are_exact(bits, encoding, order):
    samples = np.round(TONE * 127) / 128 if bits == 8 else TONE
    data = bytes(recordings.encode(samples, bits, encoding, order))
    content = riff(
        form(bits, encoding=encoding, order=order, rate=44_100),
        chunk(b"data", data, order=order),
        magic={"<": b"RIFF", ">": b"RIFX"}[order],
        order=order,
    )
    recording = wav.decode(tf.constant(content))
    np.testing.assert_array_equal(recording.samples, samples)
    assert recording.rate == 44_100
    assert recording.missing == 0
    wav.check(content)


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_full_scale_is_one(bits):
    lowest, highest = recordings.read(recordings.file(TONE[:2], bits))
    assert lowest == -1
    assert highest == 1 - 2**-15


def test_extensible_files_name_their_encoding_further_on():
    for bits, encoding in [(16, recordings.PCM), (64, FLOAT)]:
        assert_tone(
            riff(
                form(bits, encoding=EXTENSIBLE, sub_format=encoding),
                chunk(b"data", bytes(recordings.encode(TONE, bits, encoding))),
            )
        )


def test_samples_in_wider_containers_are_their_highest_bits():
    for bits, width in [(12, 2), (20, 3), (24, 4)]:
        samples = np.floor(TONE * 2**11) / 2**11
        data = bytes(recordings.encode(samples, 8 * width))
        content = riff(form(bits, width=width), chunk(b"data", data))
        np.testing.assert_array_equal(recordings.read(content), samples)


@pytest.mark.parametrize("bits", [8, 16, 24])
def test_channels_are_mixed_to_their_mean(bits):
    codes = np.random.default_rng(0).integers(-128, 128, (50, 6)) / 128
    samples = recordings.read(recordings.file(codes, bits))
    np.testing.assert_allclose(samples, codes.mean(1), atol=1e-7)


def test_a_silent_channel_does_not_halve_the_signal():
    silence = np.zeros_like(TONE)
    for bits in (16, 24):
        stereo = np.stack([silence, TONE], 1)
        assert_tone(recordings.file(stereo, bits))
        assert_tone(recordings.file(np.stack([TONE, silence, TONE], 1), bits))
    nothing = recordings.read(recordings.file(np.zeros([9, 2])))
    np.testing.assert_array_equal(nothing, np.zeros(9))


def test_a_thousand_channels_are_mixed():
    many = np.repeat(TONE[:, None], 1024, 1)
    assert_tone(recordings.file(many))


@pytest.mark.parametrize("bits", [32, 64])
def test_numbers_that_are_not_sound_become_silence(bits):
    samples = np.array([0.5, np.nan, np.inf, -np.inf, 3e38, -2.0])
    content = recordings.file(samples, bits, FLOAT)
    np.testing.assert_array_equal(
        recordings.read(content), [0.5, 0, 0, 0, 0, -2]
    )
    # A channel of them is silent.
    samples = np.stack([TONE, np.full_like(TONE, np.nan)], 1)
    assert_tone(recordings.file(samples, bits, FLOAT))


@pytest.mark.parametrize("rate", [4_000, 11_025, 192_000])
def test_rates_are_read(rate):
    content = recordings.file(rate=rate)
    assert wav.decode(tf.constant(content)).rate == rate


@pytest.mark.parametrize("bits", [16, 24])
def test_a_file_that_is_cut_off_is_read_as_far_as_it_goes(bits):
    width = bits // 8
    content = recordings.file(bits=bits)[: -50 * width - 1]
    recording = wav.decode(tf.constant(content))
    np.testing.assert_array_equal(recording.samples, TONE[:49])
    assert recording.missing == 50 * width + 1


@pytest.mark.parametrize(
    "count", [40, pytest.param(1000, marks=pytest.mark.slow)]
)
def test_damaged_files_are_read_or_refused(count):
    """The damage is in the header: one or two bytes, or many and the length."""
    rng = np.random.default_rng(count)
    files = [
        recordings.file(),
        recordings.file(np.stack([TONE, -TONE], 1), 24),
        recordings.file(bits=64, encoding=FLOAT),
        recordings.file(encoding=EXTENSIBLE, sub_format=recordings.PCM),
    ]
    readable = 0
    for i in range(count):
        content = files[i % len(files)]
        if i // len(files) % 2:
            damaged = np.frombuffer(content, np.uint8).copy()
            damaged[rng.integers(12, 48, 2)] = rng.integers(0, 256, 2)
            content = damaged.tobytes()
        else:
            head = corruption.corrupt_bytes(content[12:48], rng)
            content = content[:12] + head + content[48:]
        try:
            samples = recordings.read(content)
        except tf.errors.InvalidArgumentError as error:
            assert ": " in binary.reason(error)
        else:
            assert samples.size <= len(content)
            assert np.isfinite(samples).all()
            readable += 1
    assert 0 < readable < count


# What the README of the cases says instead of the table: a silent channel does
# not halve the signal; AIFF and encodings that are not read are refused.
REFUSED = {
    "aiff.wav": "is an AIFF file",
    "empty_file.wav": "is empty",
    "header_only_12.wav": "has no fmt chunk",
    "html_named_wav.wav": "is a web page",
    "ima_adpcm.wav": "is encoded as IMA ADPCM",
    "mulaw.wav": "is encoded as mu-law",
    "no_data.wav": "has no data chunk",
    "rate_0.wav": "has a sample rate of 0 Hz",
    "zero_channels.wav": "has 0 channels",
}
SILENT_CHANNEL = {"pcm16_stereo.wav": 2}


@pytest.mark.real_data
def test_the_cases_have_the_stated_sound(public_data):
    folder = public_data("../cases") / "audio"
    with (folder / "expected.tsv").open() as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    assert {row["file"] for row in rows} >= REFUSED.keys()
    for row in rows:
        name = row["file"]
        content = (folder / name).read_bytes()
        if name in REFUSED:
            assert REFUSED[name] in recordings.reason(content)
            continue
        recording = wav.decode(tf.constant(content))
        samples = recording.samples.numpy()
        assert recording.rate == int(row["hertz"]), name
        assert len(samples) == int(row["frames"]), name
        loudness = np.sqrt(np.sum(samples**2) / max(len(samples), 1))
        expected = float(row["rms_of_the_channel_mean"])
        expected *= SILENT_CHANNEL.get(name, 1)
        assert loudness == pytest.approx(expected, abs=1e-6), name
        is_cut = name == "truncated_half.wav"
        assert (recording.missing > 0) == is_cut, name
