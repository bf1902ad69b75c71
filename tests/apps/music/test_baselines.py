"""Baselines of rolls and voices: frequencies, Markov chains, repetition."""

import itertools
import types

import numpy as np
import pytest

from apps.music import data
from apps.music.baselines import repeats
from apps.music.baselines import rolls
from apps.music.baselines import voices
from apps.music.data import rolls as rolls_lib


def sticky_rolls(count, seed, stay=0.9):
    """Returns rolls whose keys 10 to 13 are often as they were before."""
    rng = np.random.default_rng(seed)
    pieces = []
    for _ in range(count):
        piece = np.zeros([50, 88], np.int32)
        piece[0, 10:14] = rng.integers(0, 2, 4)
        for t in range(1, 50):
            change = rng.uniform(size=4) > stay
            piece[t, 10:14] = piece[t - 1, 10:14] ^ change
        pieces.append(piece)
    return pieces


def melodies(count, seed):
    """Returns pieces (frames, 1) that go up and down a scale."""
    rng = np.random.default_rng(seed)
    scale = np.array([60, 62, 64, 65])
    return [
        scale[np.abs(np.cumsum(rng.choice([0, 1], 40)) % 6 - 3)][:, None]
        for _ in range(count)
    ]


def nats_per_frame(nats):
    """Returns the mean of all frames but the first ones of the pieces."""
    return float(np.concatenate([piece[1:] for piece in nats]).mean())


@pytest.fixture(scope="module")
def fitted():
    """Returns the baselines of rolls, then those of melodies."""
    return (
        rolls.fit(sticky_rolls(20, 1), sticky_rolls(5, 2)),
        voices.fit(melodies(20, 1), melodies(5, 2)),
    )


def test_nats_are_finite_for_keys_and_pitches_of_no_training_piece(fitted):
    of_rolls, of_voices = fitted
    for baseline in of_rolls.values():
        for piece in (np.ones([5, 88], int), np.zeros([5, 88], int)):
            assert np.isfinite(baseline.nats(piece)).all()
    for baseline in of_voices.values():
        for pitch in (0, 21, 61, 127):
            nats = baseline.nats(np.full([5, 1], pitch))
            assert nats.shape == (5,)
            assert np.isfinite(nats).all()


@pytest.mark.parametrize("name", ["pitch_frequencies", "markov_chains"])
def test_probabilities_of_all_pitches_sum_to_one(fitted, name):
    for first in (60, 99):
        total = sum(
            np.exp(-fitted[1][name].nats(np.array([[first], [pitch]]))[1])
            for pitch in range(128)
        )
        assert total == pytest.approx(1)


def test_probabilities_of_repeated_frames_sum_to_one(fitted):
    baseline = fitted[1]["repeat_last_frame"]
    total = sum(
        np.exp(-baseline.nats(np.array([[62], [pitch]]))[1])
        for pitch in range(128)
    )
    assert total == pytest.approx(1)


def test_key_frequencies_are_those_of_the_training_pieces(fitted):
    train = np.concatenate(sticky_rolls(20, 1))
    probabilities = fitted[0]["key_frequencies"].probabilities
    np.testing.assert_allclose(probabilities, train.mean(0), atol=2e-3)
    piece = train[:6]
    chosen = np.where(piece > 0, probabilities, 1 - probabilities)
    np.testing.assert_allclose(
        fitted[0]["key_frequencies"].nats(piece), -np.log(chosen).sum(1)
    )


def test_markov_chains_reach_the_entropy_of_sticky_keys(fitted):
    nats = np.concatenate(
        [
            fitted[0]["markov_chains"].nats(piece)[1:]
            for piece in sticky_rolls(20, 3)
        ]
    )
    entropy = -4 * (0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    assert nats.mean() == pytest.approx(entropy, rel=0.05)


def test_markov_chains_repeat_sticky_keys(fitted):
    piece = sticky_rolls(1, 4)[0]
    frames = fitted[0]["markov_chains"].most_probable(piece)
    np.testing.assert_array_equal(frames[1:], piece[:-1])


def test_markov_chains_know_which_pitch_follows(fitted):
    scores = {
        name: np.mean([model.nats(p)[1:].mean() for p in melodies(20, 5)])
        for name, model in fitted[1].items()
    }
    assert scores["markov_chains"] < scores["pitch_frequencies"] - 0.3
    assert scores["repeat_last_frame"] < scores["pitch_frequencies"] - 0.1


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_the_share_of_repetitions_is_estimated(share):
    class Uniform:
        def nats(self, piece):
            return np.full(len(piece), np.log(1000))

    rng = np.random.default_rng(0)
    piece = rng.integers(0, 1000, [20_000, 1])
    for t in range(1, len(piece)):
        if rng.uniform() < share:
            piece[t] = piece[t - 1]
    baseline = repeats.RepeatedFrame(Uniform(), [piece])
    assert baseline.share == pytest.approx(share, abs=0.02)


def test_most_probable_frames_are_the_most_probable(fitted):
    """No other frame has fewer nats after the same frame."""
    of_melodies = fitted[1]
    for model, first in itertools.product(of_melodies.values(), (60, 65)):
        pairs = [np.array([[first], [pitch]]) for pitch in range(128)]
        nats = [model.nats(pair)[1] for pair in pairs]
        chosen = model.most_probable(pairs[0])[1, 0]
        assert nats[chosen] == pytest.approx(min(nats))


def test_the_order_of_voices_does_not_matter():
    rng = np.random.default_rng(6)
    train, test = rng.integers(60, 64, [2, 30, 4])
    for name, model in voices.fit([train], [train]).items():
        mirrored = voices.fit([train[:, ::-1]], [train[:, ::-1]])[name]
        np.testing.assert_allclose(
            model.nats(test), mirrored.nats(test[:, ::-1])
        )


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "frequencies", "repeated", "chains"),
    [
        ("jsb", 11.091, 10.304, 10.495),
        ("nottingham", 10.262, 7.210, 5.153),
        ("piano_midi", 11.052, 9.325, 8.263),
        ("musedata", 11.511, 9.256, 8.559),
    ],
)
def test_nats_per_frame_of_the_published_sets(
    name, frequencies, repeated, chains, public_data
):
    config = types.SimpleNamespace(
        dataset=name,
        network="keys",
        data_dir=str(public_data("polyphonic-music-mat")),
    )
    dataset = data.DATASETS[name](config, None)
    train, valid, test = map(dataset.pieces, ("train", "valid", "test"))
    nats = {
        baseline: nats_per_frame(map(model.nats, test))
        for baseline, model in rolls.fit(train, valid).items()
    }
    assert nats == {
        "key_frequencies": pytest.approx(frequencies, abs=1e-3),
        "repeat_last_frame": pytest.approx(repeated, abs=1e-3),
        "markov_chains": pytest.approx(chains, abs=1e-3),
    }


def test_all_baselines_of_the_sample_are_far_above_the_floor():
    config = types.SimpleNamespace(dataset="sample", network="voices")
    dataset = data.DATASETS["sample"](config, None)
    parts = [dataset.pieces(split)[:200] for split in ("train", "valid")]
    test = dataset.pieces("test")[:50]
    floor = nats_per_frame(-dataset.log_probabilities(piece) for piece in test)
    assert 1.3 < floor < 1.6
    for model in voices.fit(*parts).values():
        assert nats_per_frame(map(model.nats, test)) > 3 * floor
    of_rolls = [
        [rolls_lib.of_voices(piece) for piece in part]
        for part in (*parts, test)
    ]
    for model in rolls.fit(*of_rolls[:2]).values():
        nats = nats_per_frame(map(model.nats, of_rolls[2]))
        assert nats > 3 * floor
