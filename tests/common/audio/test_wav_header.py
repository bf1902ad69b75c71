"""The samples of a WAV file are located, or the file is refused by name."""

import numpy as np
import pytest
import tensorflow as tf

from common.audio import encodings
from common.audio import riff as riff_lib
from common.audio import wav
from common.audio import wav_header
from tests.common.audio import recordings
from tests.common.audio.recordings import DATA
from tests.common.audio.recordings import SOUND
from tests.common.audio.recordings import TONE
from tests.common.audio.recordings import assert_tone
from tests.common.audio.recordings import chunk
from tests.common.audio.recordings import form
from tests.common.audio.recordings import riff

FLOAT, EXTENSIBLE = recordings.FLOAT, recordings.EXTENSIBLE


def test_further_chunks_are_skipped():
    extra = chunk(b"LIST", b"INFO odd"[:7]) + chunk(b"JUNK", bytes(28))
    assert_tone(riff(extra, form(), extra, SOUND, extra))
    assert_tone(riff(SOUND, extra, form()))
    assert_tone(riff(form(), SOUND) + b"\0\0\0\0\0garbage")


def test_a_missing_pad_byte_is_noticed():
    assert_tone(riff(form(), chunk(b"note", b"odd", pad=b""), SOUND))


@pytest.mark.parametrize("size", [0, 2**32 - 1, 2**32 - 40, 2**31 - 1])
def test_streamed_sizes_mean_the_end_of_the_file(size):
    content = riff(form(), chunk(b"data", DATA, size))
    assert_tone(content)
    assert wav.decode(tf.constant(content)).missing == 0


def test_streamed_silence_is_read():
    content = riff(form(), chunk(b"data", bytes(160), 0))
    np.testing.assert_array_equal(recordings.read(content), np.zeros(80))


def test_an_empty_recording_with_further_chunks_is_empty():
    assert not recordings.read(riff(form(), chunk(b"data", b""))).size
    extra = chunk(b"LIST", b"INFO") + chunk(b"id3 ", b"x")
    assert not recordings.read(riff(form(), chunk(b"data", b""), extra)).size


def test_the_length_is_limited():
    longest = wav_header.MAX_SECONDS * 4000 - 1
    content = riff(form(8, rate=4000), chunk(b"data", bytes(longest)))
    assert wav.check(content) == 0
    content = riff(form(8, rate=4000), chunk(b"data", bytes(longest + 1)))
    with pytest.raises(ValueError, match="has 1,200 seconds, not less than"):
        wav.check(content)


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_sizes_of_64_bits_are_read(magic):
    def large(size):
        sizes = chunk(b"ds64", bytes(8) + size.to_bytes(8, "little"))
        data = chunk(b"data", DATA, 2**32 - 1)
        return riff(sizes, form(), data, b"LIST", magic=magic)

    assert_tone(large(len(DATA)))
    for unknown in (0, 2**32 + 9, 2**64 - 1):
        samples = recordings.read(large(unknown))
        np.testing.assert_array_equal(samples[:-2], TONE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: check how it was made"),
        (b"<!DOCTYPE html>", "is a web page or XML, not a WAV file: check how"),
        (b"FORM\0\0\0\0AIFF", "is an AIFF file, not a WAV file: convert it"),
        (b"\0\0\0\x20ftypM4A ", "is an MP4 or M4A file, not a WAV file"),
        (b"\xff\xfe\x80", "is text, or damaged, not a WAV file"),
        (b"RIFF\0\0\0\0AVI LIST", "is text, or damaged, not a WAV file"),
        (riff(), "has no fmt chunk: it is cut short"),
        (riff(SOUND), "has no fmt chunk"),
        (riff(form()), "has no data chunk"),
        (riff(form(), b"data"), "has no data chunk"),
        (riff(chunk(b"fmt ", bytes(14)), SOUND), "chunk of 14 bytes, less"),
        (riff(form(encoding=7), SOUND), "is encoded as mu-law, not as PCM or"),
        (
            riff(form(encoding=EXTENSIBLE, sub_format=6), SOUND),
            "is encoded as A-law, not as PCM or float: convert it",
        ),
        (riff(form(encoding=999), SOUND), "is encoded as format 999"),
        (riff(form(64), SOUND), "has samples of 64 bits, not PCM of 8, 16"),
        (riff(form(0), SOUND), "has samples of 0 bits"),
        (riff(form(16, encoding=FLOAT), SOUND), "has samples of 16 bits"),
        (riff(form(channels=0), SOUND), "has 0 channels: it is cut short"),
        (riff(form(rate=0), SOUND), "a sample rate of 0 Hz, not 4,000 to 192"),
        (riff(form(rate=2**32 - 1), SOUND), "sample rate of 4,294,967,295 Hz"),
    ],
    ids=range(20),
)
def test_reasons_are_precise(content, message):
    assert message in recordings.reason(content)


@pytest.mark.parametrize("count", [1022, 1024])
def test_the_number_of_chunks_is_limited(count):
    assert riff_lib.MAX_CHUNKS == 1024
    content = riff(chunk(b"JUNK", b"") * count, form(), SOUND)
    if count == 1022:
        assert_tone(content)
    else:
        with pytest.raises(ValueError, match="has no fmt chunk"):
            wav.check(content)


@pytest.mark.parametrize(("number", "name"), encodings.NAMES.items())
def test_encodings_are_refused_by_name(number, name):
    with pytest.raises(ValueError, match=f"is encoded as {name}, not as PCM"):
        wav.check(riff(form(encoding=number), SOUND))
