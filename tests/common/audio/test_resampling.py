"""Resampling keeps tones, suppresses aliases, and has no delay."""

import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import signal

from common.audio import resampling

NEW_RATES = 8_000, 16_000
# Ratios of small and of large numbers, up and down.
RATES = 4_000, 11_025, 11_127, 44_100, 48_000, 192_000


# One graph for all rates and lengths.
_resample = tf.function(
    resampling.resample,
    input_signature=[
        tf.TensorSpec([None], tf.float32),
        tf.TensorSpec([], tf.int32),
        tf.TensorSpec([], tf.int32),
    ],
    autograph=False,
)


def resample(samples, rate, new_rate=16_000):
    return _resample(samples.astype(np.float32), rate, new_rate).numpy()


def inner(samples, rate, new_rate):
    """Returns samples without those near the ends, where zeros are mixed in."""
    margin = int(40 * new_rate / min(rate, new_rate)) + 1
    return samples[margin:-margin]


def sine(frequency, rate, count=None):
    """Returns samples of a tone, by default for 0.2 seconds."""
    times = np.arange(rate // 5 if count is None else count) / rate
    return np.sin(2 * np.pi * frequency * times)


@pytest.mark.parametrize("new_rate", NEW_RATES)
@pytest.mark.parametrize("rate", RATES)
def test_tones_keep_frequency_amplitude_and_phase(rate, new_rate):
    for part in (0.05, 0.5, 0.84):
        frequency = part * min(rate, new_rate) / 2
        result = resample(sine(frequency, rate), rate, new_rate)
        error = result - sine(frequency, new_rate, len(result))
        assert np.abs(inner(error, rate, new_rate)).max() < 1e-4


@pytest.mark.parametrize("new_rate", NEW_RATES)
@pytest.mark.parametrize("rate", [r for r in RATES if r > 16_000])
def test_tones_beyond_half_of_the_new_rate_are_suppressed(rate, new_rate):
    for part in (1.0, 1.1, 1.7):
        result = resample(sine(part * new_rate / 2, rate), rate, new_rate)
        alias = inner(result, rate, new_rate)
        decibels = 10 * np.log10(2 * np.mean(alias**2))
        assert decibels < -80


@pytest.mark.parametrize("rate", RATES)
def test_constants_keep_their_value(rate):
    result = resample(np.ones(rate // 10), rate)
    np.testing.assert_allclose(inner(result, rate, 16_000), 1, atol=1e-6)


@pytest.mark.parametrize("rate", RATES)
def test_the_length_is_rounded_up(rate):
    for count in (0, 1, 2, 31, 32, 33, 1000):
        assert len(resample(np.ones(count), rate)) == -(-count * 16_000 // rate)


@pytest.mark.parametrize("count", [1, 40, 3001])
@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100])
def test_the_filter_is_that_of_scipy(rate, count):
    samples = np.random.default_rng(0).standard_normal(count)
    divisor = math.gcd(rate, 16_000)
    up, down = 16_000 // divisor, rate // divisor
    size = 2 * resampling.WIDTH * max(up, down) + 1
    beta = signal.kaiser_beta(resampling.ATTENUATION)
    # The middle of the transition band, which Kaiser's formula gives.
    band = (resampling.ATTENUATION - 7.95) / (2.285 * 2 * resampling.WIDTH)
    cutoff = (1 - band / math.pi / 2) / max(up, down)
    weights = signal.firwin(size, cutoff, window=("kaiser", beta))
    expected = signal.resample_poly(samples, up, down, window=weights)
    result = resample(samples, rate)
    # Ours keeps constants exactly, which differs by the attenuation.
    np.testing.assert_allclose(result, expected, atol=2e-4)


def test_samples_of_the_same_rate_are_left_as_they_are():
    samples = np.random.default_rng(0).standard_normal(99).astype(np.float32)
    np.testing.assert_array_equal(resample(samples, 16_000), samples)


def test_an_impulse_has_no_delay():
    samples = np.zeros(441)
    samples[147] = 1  # After 1 / 300 s.
    result = resample(samples, 44_100, 16_000)
    assert np.argmax(result) == round(16_000 / 300)
    samples = np.zeros(201)
    samples[100] = 1
    result = resample(samples, 8_000, 16_000)
    np.testing.assert_allclose(result[:401], result[400::-1], atol=1e-6)
