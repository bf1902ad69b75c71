"""Normalized features have the same bits alone, in a batch, and in a stream."""

import numpy as np
import pytest
import tensorflow as tf

from common.audio import normalization

LENGTHS = [0, 1, 2, 17, 100, 101]
PRIOR = -5.4, 3.7  # Mean and deviation of each feature.
per_recording = tf.function(
    normalization.per_recording,
    input_signature=[
        tf.TensorSpec([None, None, None], tf.float32),
        tf.TensorSpec([None], tf.int32),
    ],
    autograph=False,
)
running = tf.function(
    normalization.running,
    input_signature=[
        tf.TensorSpec([None, None, None], tf.float32),
        normalization.Statistics(
            tf.TensorSpec([None, 1], tf.float64),
            *2 * [tf.TensorSpec([None, None], tf.float64)],
        ),
    ],
    autograph=False,
)


def features(*shape):
    rng = np.random.default_rng(shape)
    return rng.normal(-6, 3, shape).astype(np.float32)


def test_a_recording_has_mean_zero_and_variance_one():
    frames = features(2, 500, 7)
    result = per_recording(frames, [500, 500]).numpy()
    np.testing.assert_allclose(result.mean(1), 0, atol=1e-6)
    np.testing.assert_allclose(result.std(1), 1, atol=1e-6)


def test_padding_and_rows_change_no_bit():
    frames = features(len(LENGTHS), 120, 21)
    result = per_recording(frames, LENGTHS).numpy()
    for row, length, normalized in zip(frames, LENGTHS, result):
        alone = per_recording(row[None, :length], [length])
        np.testing.assert_array_equal(normalized[:length], alone[0])
        assert not normalized[length:].any()


def test_little_variation_is_not_amplified():
    frames = -6 + 1e-3 * features(1, 50, 3)
    result = per_recording(frames, [50]).numpy()
    assert np.abs(result).max() < 0.1
    constant = per_recording(np.full([1, 9, 2], -18.4), [9])
    np.testing.assert_allclose(constant, 0, atol=1e-6)


@pytest.mark.parametrize("cuts", [[1], [0, 50], range(1, 120), [119]])
def test_a_stream_has_the_bits_of_the_whole(cuts):
    frames = features(3, 120, 21)
    start = normalization.initial_statistics(3, 21 * [PRIOR])
    expected, last = running(frames, start)
    state, parts = start, []
    for part in np.split(frames, cuts, 1):
        normalized, state = running(part, state)
        parts.append(normalized)
    np.testing.assert_array_equal(np.concatenate(parts, 1), expected)
    for ours, theirs in zip(state, last):
        np.testing.assert_array_equal(ours, theirs)


def test_running_statistics_are_those_of_the_past():
    frames = features(1, 40, 5)
    result, _ = running(
        frames, normalization.initial_statistics(1, 5 * [PRIOR])
    )
    count, (mean, deviation) = normalization.PRIOR_FRAMES, PRIOR
    for t in range(40):
        past = frames[0, : t + 1].astype(float)
        sums = past.sum(0) + count * mean
        squares = (past**2).sum(0) + count * (mean**2 + deviation**2)
        average = sums / (t + 1 + count)
        variance = squares / (t + 1 + count) - average**2
        expected = (frames[0, t] - average) / np.sqrt(variance)
        np.testing.assert_allclose(result[0, t], expected, atol=1e-5)


def test_a_long_stream_is_normalized():
    frames = features(1, 20_000, 2) * 0.5 + 10
    result, _ = running(
        frames, normalization.initial_statistics(1, 2 * [PRIOR])
    )
    last = result[0, -1000:].numpy()
    np.testing.assert_allclose(last.mean(0), 0, atol=0.1)
    np.testing.assert_allclose(last.std(0), 1, atol=0.1)
