"""The sample: its language, its voices, and its noises."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

from apps.speech.config import SpeechConfig
from apps.speech.data import grammar
from apps.speech.data import phonemes
from apps.speech.data import sample
from apps.speech.data import sounds
from apps.speech.data import voices
from common.audio import wav

RATE = voices.RATE


@functools.cache
def drawn(split, count):
    return list(itertools.islice(sample.draw_recordings(split), count))


def voice(**changes):
    values = {
        "pitch": 100.0,
        "scale": 1.0,
        "slowness": 1.5,
        "melody": 0.0,
        "tilt": 0.4,
        "breath": 0.0,
        "jitter": 0.0,
        "accent": dict.fromkeys(phonemes.SOUNDS, np.ones(3)),
    }
    return voices.Voice(**(values | changes))


def spectrum(samples):
    """Returns amplitudes, and their frequencies in Hz."""
    size = len(samples)
    amplitudes = np.abs(np.fft.rfft(samples * np.hanning(size)))
    return amplitudes, np.fft.rfftfreq(size, 1 / RATE)


def middle(samples, seconds):
    """Returns the samples in the middle."""
    start = len(samples) // 2 - int(seconds * RATE / 2)
    return samples[start : start + int(seconds * RATE)]


def test_recordings_are_the_same_each_time_and_none_comes_twice():
    again = list(itertools.islice(sample.draw_recordings("train"), 40))
    assert drawn("train", 50)[:40] == again
    contents = {r.content for split in ("train", "test") for r in again}
    contents |= {r.content for r in drawn("test", 50)}
    assert len(contents) == 90


def test_recordings_are_wav_files_of_16_bits():
    for recording in drawn("test", 10):
        assert recording.content[34:36] == b"\x10\x00"
        samples, rate, missing = wav.decode(tf.constant(recording.content))
        assert (int(rate), int(missing)) == (RATE, 0)
        assert 0.3 * RATE < len(samples) < 6 * RATE
        assert 1e-3 < np.abs(samples).max() < 1


def test_voices_of_the_splits_are_different(monkeypatch):
    names = {
        split: {r.speaker for r in drawn(split, 50) if r.speaker}
        for split in ("train", "valid", "test")
    }
    assert len(set.union(*names.values())) == sum(map(len, names.values()))
    monkeypatch.setattr(sample, "_recordings", lambda split: drawn(split, 50))
    speakers = sample.Sample(SpeechConfig(), None).speakers("test")
    assert speakers == [r.speaker for r in drawn("test", 50)]


def test_recordings_without_words_are_for_training():
    for split in ("train", "valid"):
        texts = [r.transcript for r in drawn(split, 50)]
        assert texts.count("") == 50 // sample.WORDLESS
    assert all(r.transcript for r in drawn("test", 50))


def test_texts_are_sentences_of_the_language():
    rng = np.random.default_rng(0)
    sentences = [grammar.draw_sentence(rng).split() for _ in range(2000)]
    words = [word for sentence in sentences for word in sentence]
    assert set(words) == set(grammar.WORDS)
    assert len(grammar.WORDS) == len(set(grammar.WORDS)) == 40
    assert set("".join(words)) == set(phonemes.SOUNDS)
    assert {len(sentence) for sentence in sentences} == {1, 2, 3, 4, 5}


def test_words_before_tell_something_about_a_word():
    """The perplexity of the grammar is far below the number of words."""
    rows = grammar._transitions()
    np.testing.assert_allclose(rows.sum(1), 1)
    entropy = -(rows * np.log(rows)).sum(1).mean()
    assert 5 < np.exp(entropy) < 15


def test_a_vowel_has_its_pitch_and_its_formants():
    rng = np.random.default_rng(0)
    vowel = middle(voices.speak("aaa", voice(), rng), 0.2)
    amplitudes, hertz = spectrum(vowel)
    at = {n: amplitudes[np.abs(hertz - n).argmin()] for n in range(0, 4000, 50)}
    # Harmonics of 100 Hz, and nothing between them.
    assert at[700] > 20 * at[750]
    assert max(range(100, 1000, 100), key=at.get) in (700, 800)
    assert max(range(1000, 1800, 100), key=at.get) in (1200, 1300)
    assert max(range(2100, 3000, 100), key=at.get) == 2500


def test_a_short_vocal_tract_has_high_formants():
    rng = np.random.default_rng(0)
    vowel = middle(voices.speak("aaa", voice(scale=1.2), rng), 0.2)
    amplitudes, hertz = spectrum(vowel)
    first = hertz < 1150
    assert hertz[first][amplitudes[first].argmax()] == pytest.approx(900, abs=9)


def test_fricatives_are_noise_at_their_frequencies():
    rng = np.random.default_rng(0)
    center = {}
    for letter in "sf":
        samples = middle(voices.speak(letter * 4, voice(), rng), 0.3)
        amplitudes, hertz = spectrum(samples)
        center[letter] = np.average(hertz, weights=amplitudes**2)
    assert center["s"] == pytest.approx(3300, abs=150)
    assert center["f"] < 2500


def test_formants_glide():
    """In fast speech, a vowel between others does not reach its targets."""
    targets = np.repeat([[300.0], [2000.0], [300.0]], [20, 12, 20], axis=0)
    smooth = voices._smooth(targets, voices.GLIDE)
    assert len(smooth) == len(targets)
    assert np.abs(np.diff(smooth[:, 0])).max() < 400
    assert 1700 < smooth.max() < 1999


def test_rows_are_interpolated():
    values = np.array([[0.0, 1.0, 5.0]], np.float32)
    expected = np.interp(
        np.arange(3 * voices.HOP) / voices.HOP, [0, 1, 2], values[0]
    )
    np.testing.assert_allclose(
        voices._interpolated(values)[0], expected, atol=1e-6
    )


@pytest.mark.parametrize("count", [1, 800, 8000])
def test_noise_has_the_power_one(count):
    rng = np.random.default_rng(0)
    for _ in range(20):
        samples = sounds.noise(count, RATE, rng)
        assert samples.shape == (count,)
        assert np.mean(np.square(samples)) == pytest.approx(1, rel=1e-3)


def test_a_room_adds_a_tail_and_keeps_the_direct_sound():
    impulse = np.zeros(4000, np.float32)
    impulse[100] = 1
    samples = sounds.reverberated(impulse, RATE, np.random.default_rng(0))
    assert samples.shape == impulse.shape
    np.testing.assert_allclose(samples[:100], 0, atol=1e-5)
    assert samples[100] == pytest.approx(1, abs=1e-4)
    early, late = np.square(samples[101:400]), np.square(samples[2500:])
    assert 0.01 < early.sum() < 0.3
    assert late.sum() < 1e-3 * early.sum()


def test_nothing_is_clipped():
    samples = sounds.pcm(np.array([0.5, -3.0, 1.5]))
    assert samples.dtype == np.int16
    assert samples[1] == -round(0.99 * 2**15)
    assert samples[2] / samples[1] == pytest.approx(-0.5, abs=1e-4)
    assert sounds.pcm(np.array([0.5]))[0] == 2**14


def test_silence_is_digital_or_noise():
    rng = np.random.default_rng(0)
    peaks = [np.abs(sounds.without_words(RATE, rng)).max() for _ in range(40)]
    assert 0 in peaks
    assert max(peaks) > 1000


def test_examples_are_bytes_and_a_transcript():
    examples = sample.Sample(SpeechConfig(), None).examples("valid")
    assert int(examples.cardinality()) == sample.RECORDINGS["valid"]
    x, y = next(iter(examples))
    first = drawn("valid", 1)[0]
    assert x["audio"].numpy() == first.content
    assert y["transcript"].numpy().decode() == first.transcript
