"""Log-mel features are those of the definition, with the same bits always."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from common.audio import mel

# Numbers of features that do not fill SIMD registers are among them.
FORMS = [(16_000, 80), (8_000, 21)]


@functools.cache
def front_end(rate, mels):
    """Returns the features, the step and the flush, traced once."""
    log_mel = mel.LogMel(rate, mels)
    waves = tf.TensorSpec([None, None], tf.float32)
    counts = tf.TensorSpec([None], tf.int32)

    def traced(function, *signature):
        return tf.function(function, input_signature=signature, autograph=False)

    return (
        traced(log_mel.features, waves, counts),
        traced(log_mel.step, waves, waves),
        traced(log_mel.flush, waves),
    )


def whole(samples, rate, mels):
    """Returns the features of one recording."""
    features, counts = front_end(rate, mels)[0](samples[None], [len(samples)])
    assert counts[0] == len(features[0])
    return features[0].numpy()


def streamed(samples, cuts, rate, mels):
    """Returns the features of streams (batch, time) that are cut at places."""
    _, step, flush = front_end(rate, mels)
    state = mel.LogMel(rate, mels).initial_state(len(samples))
    frames = []
    for part in np.split(samples, cuts, 1):
        features, state = step(part, state)
        frames.append(features)
    return np.concatenate([*frames, flush(state)], 1)


def noise(*shape):
    return np.random.default_rng(shape).normal(0, 0.1, shape).astype(np.float32)


def assert_same_bits(a, b):
    assert a.shape == b.shape
    np.testing.assert_array_equal(
        np.asarray(a).view(np.int32), np.asarray(b).view(np.int32)
    )


def by_numpy(samples, rate, mels):
    """Returns the features as a textbook defines them, in float64."""
    window, hop = rate // 40, rate // 100
    count = -(-len(samples) // hop)
    padded = np.zeros(window + count * hop)
    start = (window - hop) // 2
    padded[start : start + len(samples)] = samples
    hann = np.sin(np.pi * np.arange(window) / window) ** 2
    size = 2 ** int(np.ceil(np.log2(window)))
    hertz = np.fft.rfftfreq(size, 1 / rate)
    points = np.linspace(
        2595 * np.log10(1 + 20 / 700),
        2595 * np.log10(1 + rate / 2 / 700),
        mels + 2,
    )
    scale = 2595 * np.log10(1 + hertz / 700)
    features = np.zeros((count, mels))
    for t in range(count):
        frame = padded[t * hop : t * hop + window]
        spectrum = np.fft.rfft((frame - frame.mean()) * hann, size)
        for m in range(mels):
            triangle = np.interp(scale, points[m : m + 3], [0, 1, 0])
            energy = (triangle * np.abs(spectrum) ** 2).sum()
            features[t, m] = np.log(max(energy, 1e-8))
    return features


@pytest.mark.parametrize(("rate", "mels"), FORMS)
def test_features_are_those_of_the_definition(rate, mels):
    for count in (0, 1, rate // 100, 3001):
        samples = noise(count)
        np.testing.assert_allclose(
            whole(samples, rate, mels), by_numpy(samples, rate, mels), atol=1e-3
        )


def test_triangles_agree_with_those_of_tensorflow():
    expected = tf.signal.linear_to_mel_weight_matrix(
        40, 129, 8_000, mel.LOWEST, 4_000, tf.float64
    )
    triangles = mel._triangles(8_000, 256, 40).T
    # TensorFlow's leaves out the bin of 0 Hz, which is below ours.
    np.testing.assert_allclose(triangles, expected, atol=1e-6)


@pytest.mark.parametrize(("rate", "mels"), FORMS)
def test_a_recording_has_the_same_bits_in_any_batch(rate, mels):
    """Neither other rows, nor padding, nor its values change a bit."""
    lengths = [0, 1, 79, 80, 81, 159, 160, 161, 1999, 4000, 4001, 5555]
    rows = noise(len(lengths), 5600)
    features, counts = front_end(rate, mels)[0](rows, lengths)
    for row, length, frames, count in zip(rows, lengths, features, counts):
        alone = whole(row[:length], rate, mels)
        assert count == -(-length // (rate // 100)) == len(alone)
        assert_same_bits(frames[:count], alone)
        assert not np.any(frames[count:])


@pytest.mark.parametrize(("rate", "mels"), FORMS)
def test_any_number_of_frames_has_the_same_bits(rate, mels):
    hop = rate // 100
    samples = noise(70 * hop)
    # The last frames see the end.
    expected = whole(samples, rate, mels)
    for count in (1, 2, 3, 5, 8, 13, 21, 34, 55, 69):
        result = whole(samples[: count * hop], rate, mels)
        assert_same_bits(result[:-1], expected[: count - 1])


@pytest.mark.parametrize(("rate", "mels"), FORMS)
@pytest.mark.parametrize("seed", range(4))
def test_a_stream_has_the_bits_of_the_whole(rate, mels, seed):
    rng = np.random.default_rng(seed)
    length = rng.integers(1, 4000)
    sizes = rng.choice([0, 1, 7, 80, 160, 399, 400, 401, 1600], 30)
    cuts = np.minimum(np.cumsum(sizes), length)
    rows = noise(2, length)
    result = streamed(rows, cuts, rate, mels)
    for row, features in zip(rows, result):
        assert_same_bits(features, whole(row, rate, mels))


def test_a_stream_of_single_samples_has_the_bits_of_the_whole():
    rate, mels = FORMS[1]
    samples = noise(1, 222)
    result = streamed(samples, np.arange(110, 222), rate, mels)
    assert_same_bits(result[0], whole(samples[0], rate, mels))


def test_a_stream_without_samples_has_no_frames():
    assert streamed(np.zeros([2, 0], "f4"), [], *FORMS[1]).shape == (2, 0, 21)


def test_parts_of_long_recordings_have_the_same_bits(monkeypatch):
    samples = noise(2, 4000)
    log_mel, counts = mel.LogMel(*FORMS[1]), tf.constant([4000, 3500])
    expected, _ = log_mel.features(samples, counts)
    for part in (7, 64):
        monkeypatch.setattr(mel, "PART", part)
        assert_same_bits(
            log_mel.features(samples, counts)[0].numpy(), expected.numpy()
        )


def test_an_offset_changes_little():
    samples = noise(8000)
    inside = slice(2, -2)  # The offset begins and ends with a step.
    difference = whole(samples + 0.5, *FORMS[0]) - whole(samples, *FORMS[0])
    assert np.abs(difference[inside]).max() < 1e-2


def test_a_tone_is_in_its_triangle():
    tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 16_000)
    features = whole(tone.astype(np.float32), *FORMS[0])
    edges = np.linspace(
        2595 * np.log10(1 + 20 / 700), 2595 * np.log10(1 + 8000 / 700), 82
    )
    nearest = np.abs(edges[1:-1] - 2595 * np.log10(1 + 1000 / 700)).argmin()
    assert np.abs(features[5:-5].argmax(1) - nearest).max() <= 1


def test_silence_has_the_lowest_value():
    features = whole(np.zeros(999, np.float32), *FORMS[0])
    np.testing.assert_allclose(features, np.log(1e-8), rtol=1e-6)
    quiet = np.round(noise(999) / 0.1) / 2**15  # The last bits of 16.
    louder = whole(quiet.astype(np.float32), *FORMS[0])
    assert (louder >= features).all()
    assert louder.mean() > features.mean() + 1


def test_too_many_features_are_refused():
    with pytest.raises(ValueError, match=r"mels=200 is too many at 8,000 Hz"):
        mel.LogMel(8_000, 200)
