"""The sound of rolls, voices and notes."""

import numpy as np
import pytest
import tensorflow as tf

from apps.music.cli import synthesis
from common.errors import UserError

FRAMES_PER_BEAT = 4


def samples_of(content):
    """Returns float (time,), full scale -1 to 1, and the rate."""
    audio, rate = tf.audio.decode_wav(content)
    return audio.numpy()[:, 0], int(rate)


def frequencies(samples, count):
    """Returns the strongest frequencies of a second, sorted."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    is_peak = (spectrum[1:-1] > spectrum[:-2]) & (spectrum[1:-1] > spectrum[2:])
    peaks = np.flatnonzero(is_peak) + 1
    strongest = peaks[np.argsort(-spectrum[peaks])[:count]]
    return np.sort(strongest) * synthesis.RATE / len(samples)


def test_a_roll_has_the_frequencies_of_its_keys():
    roll = np.zeros([8, 88], int)
    roll[:, [69 - 21, 76 - 21]] = 1
    samples, rate = samples_of(synthesis.frames_wav(roll, 120, 4))
    assert rate == 22_050
    assert frequencies(samples[:rate], 2) == pytest.approx([440, 659.26], abs=1)


def test_a_file_is_as_long_as_the_piece_and_the_release():
    roll = np.zeros([10, 88], int)
    roll[:3, 40] = 1
    roll[8:] = -1
    samples, rate = samples_of(synthesis.frames_wav(roll, 60, 4))
    assert len(samples) == round(2.2 * rate)
    end = round((0.75 + synthesis.RELEASE) * rate)
    assert np.any(samples[end - 500 : end])
    assert not np.any(samples[end:])


def test_silence_is_silent():
    silent, _ = samples_of(synthesis.frames_wav(np.zeros([4, 88]), 120, 4))
    assert not np.any(silent)
    empty, _ = samples_of(synthesis.frames_wav(np.zeros([0, 4]), 120, 4))
    assert len(empty) == round(synthesis.RELEASE * synthesis.RATE)


def test_the_loudest_sample_is_below_full_scale():
    for roll in (np.ones([4, 88], int), np.eye(4, 88, 50, int)):
        samples, _ = samples_of(synthesis.frames_wav(roll, 120, 4))
        assert np.abs(samples).max() == pytest.approx(0.8, abs=1e-3)


def test_there_are_no_clicks():
    roll = np.zeros([8, 88], int)
    roll[2:5, 69 - 21] = 1
    samples, rate = samples_of(synthesis.frames_wav(roll, 120, 4))
    # No step is larger than the steepest one of the harmonics together.
    steepest = (
        2
        * np.pi
        * 440
        / rate
        * sum(
            n * amplitude for n, amplitude in enumerate(synthesis.HARMONICS, 1)
        )
    )
    assert np.abs(np.diff(samples)).max() < steepest


def test_voices_sound_as_their_roll():
    voices = np.array([[72, 67, 64, 48]] * 4 + [[71, 67, 62, 0]] * 4)
    roll = np.zeros([8, 88], int)
    for frame, pitches in enumerate(voices):
        roll[frame, pitches[pitches > 0] - 21] = 1
    # The held alto is one note in both.
    assert synthesis.frames_wav(voices, 90, 4) == synthesis.frames_wav(
        roll, 90, 4
    )


def test_long_pieces_are_refused():
    with pytest.raises(UserError, match="lasts 3,750 s"):
        synthesis.frames_wav(np.zeros([30_000, 4], int), 120, 4)
