"""What augmentation changes in recordings and features, and how much."""

import dataclasses

import keras
import numpy as np
import pytest

from apps.speech.config import SpeechConfig
from apps.speech.model import augmentation
from apps.speech.model.arguments import Arguments
from common import app_model

RATE = 8000
NONE = {"speed": 0.0, "pitch": 0.0, "gain": 0.0, "noise": 0.0, "mask_share": 0}


@pytest.fixture
def augment():
    """Returns a function from options to an augmentation; others are 0."""

    def new(seed=0, **options):
        keras.utils.set_random_seed(seed)
        config = dataclasses.replace(SpeechConfig(), **NONE | options)
        arguments = app_model.arguments_from(
            Arguments, config, characters=["a"], prior=()
        )
        return augmentation.Augmentation(arguments)

    return new


@pytest.fixture
def features():
    """Features (batch, frames, mels), float32."""
    return np.random.default_rng(0).normal(size=(3, 50, 40)).astype("f4")


def tone(hertz, count=RATE):
    return np.sin(2 * np.pi * hertz * np.arange(count) / RATE).astype("f4")


def test_without_options_nothing_changes(augment, features):
    unchanged = augment()
    samples = np.stack([tone(100), tone(200)])
    counts = np.array([RATE, RATE], "i4")
    changed, after = unchanged.change_samples(samples, counts)
    np.testing.assert_array_equal(changed, samples)
    np.testing.assert_array_equal(after, counts)
    changed = unchanged.change_features(features, np.array([50, 30, 1], "i4"))
    # The mel scale is computed, with rounding errors.
    np.testing.assert_allclose(changed, features, atol=5e-3)


def test_speed_changes_the_length_and_keeps_the_shape_of_a_tone(augment):
    counts = np.array([RATE, RATE, RATE // 2], "i4")
    samples = np.stack([tone(100)] * 3)
    changed, after = augment(speed=0.2).change_samples(samples, counts)
    changed, after = changed.numpy(), after.numpy()
    assert changed.shape == (3, after.max())
    assert len(set(counts / after)) == 3
    for row, before, count in zip(changed, counts, after):
        # The factor, up to the fraction of a sample that was cut off.
        factors = np.linspace(before / (count + 1), before / count, 50)
        assert 0.8 <= factors[-1] <= 1.21
        errors = [
            np.abs(row[:count] - np.sin(2 * np.pi * 100 * place)).max()
            for place in factors[:, None] * np.arange(count) / RATE
        ]
        assert min(errors) < 5e-3


def test_loudness_changes_by_at_most_the_decibels(augment):
    samples = np.stack([tone(100)] * 40)
    counts = np.full(40, RATE, "i4")
    changed, _ = augment(gain=6.0).change_samples(samples, counts)
    decibels = 20 * np.log10(changed[:, 20] / samples[:, 20])
    np.testing.assert_allclose(
        changed, samples * 10 ** (decibels[:, None] / 20), atol=1e-5
    )
    assert np.abs(decibels).max() <= 6.001
    assert decibels.min() < -2
    assert decibels.max() > 2


@pytest.mark.parametrize("ratio", [5.0, 30.0])
def test_noise_has_the_ratio_that_was_drawn(augment, monkeypatch, ratio):
    monkeypatch.setattr(augmentation, "MIN_RATIO", ratio)
    monkeypatch.setattr(augmentation, "MAX_RATIO", ratio)
    samples = np.stack([tone(100), 0.01 * tone(300), tone(300)])
    counts = np.array([RATE, RATE, RATE // 4], "i4")
    samples[2, RATE // 4 :] = 0
    changed, _ = augment(noise=1.0).change_samples(samples, counts)
    power = np.square(samples).sum(1) / counts
    noise = np.square(changed - samples).mean(1)
    np.testing.assert_allclose(10 * np.log10(power / noise), ratio, atol=0.3)


def test_noise_is_added_to_the_share_of_recordings(augment):
    samples = np.stack([tone(100, 200)] * 400)
    counts = np.full(400, 200, "i4")
    changed, _ = augment(noise=0.3).change_samples(samples, counts)
    is_noisy = (changed.numpy() != samples).any(1)
    assert 0.2 < is_noisy.mean() < 0.4


def test_pitch_moves_energy_along_the_mel_scale(augment):
    features = np.zeros((60, 1, 40), np.float32)
    features[:, :, 20] = 1
    counts = np.ones(60, "i4")
    changed = augment(pitch=0.1).change_features(features, counts).numpy()[:, 0]
    places = (changed * np.arange(40)).sum(1) / changed.sum(1)
    assert np.abs(places - 20).max() < 4
    assert places.min() < 19.5
    assert places.max() > 20.5


@pytest.mark.parametrize(("count", "widest"), [(100, 10), (400, 15)])
def test_masks_hide_at_most_their_shares(augment, count, widest):
    features = np.ones((80, 400, 40), np.float32)
    counts = np.full(80, count, "i4")
    masked = augment(mask_share=0.15).change_features(features, counts).numpy()
    hidden = masked == 0
    frequencies, times = hidden.all(1), hidden.all(2)
    np.testing.assert_array_equal(
        hidden, frequencies[:, None] | times[..., None]
    )
    for is_hidden, most in ((frequencies, 0.15 * 40), (times, widest)):
        numbers = is_hidden.sum(1)
        assert numbers.max() <= 2 * most
        assert numbers.max() > most / 2
        assert numbers.min() < most
    assert not times[:, count:].any()
    assert (masked[~hidden] == 1).all()


def test_a_state_of_the_seeds_gives_the_same_bits(augment, features):
    options = {"speed": 0.2, "pitch": 0.1, "gain": 3, "noise": 0.5}
    first = augment(0, **options, mask_share=0.1)
    second = augment(1, **options, mask_share=0.1)
    first.change_features(features, np.array([50, 50, 50], "i4"))
    second.seeds.state.assign(first.seeds.state)
    samples = np.stack([tone(100), tone(200)])
    counts = np.array([RATE, RATE], "i4")
    bits = [
        (part.change_samples(samples, counts)[0].numpy().tobytes(),
         part.change_features(features, np.full(3, 50)).numpy().tobytes())
        for part in (first, second, second)
    ]  # fmt: skip
    assert bits[0] == bits[1]
    assert bits[1][0] != bits[2][0]
    assert bits[1][1] != bits[2][1]


def test_a_checkpoint_has_the_state_of_the_seeds(model):
    paths = {variable.path for variable in model.variables}
    assert model.augmentation.seeds.state.path in paths
