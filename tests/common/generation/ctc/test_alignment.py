"""Alignments are those of the best of all paths."""

import numpy as np
import pytest
import tensorflow as tf

from common.generation.ctc import alignment
from tests.common.generation.ctc import paths

ALIGN = tf.function(
    alignment.align,
    input_signature=[
        tf.TensorSpec([None, None, None]),
        tf.TensorSpec([None], tf.int32),
        tf.TensorSpec([None, None], tf.int32),
        tf.TensorSpec([None], tf.int32),
    ],
    autograph=False,
)
FRAMES, TOKENS = 6, 3
LABELS = [(1, 2), (1, 1, 3), (2,), (3, 2, 1, 2), (), (1, 2, 3), (2, 2), (1,)]
LENGTHS = [6, 6, 5, 4, 3, 6, 2, 0]  # The last two are impossible.


def random_log_probs(seed, rows=8, frames=FRAMES):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (rows, frames, 1 + TOKENS))
    return paths.log_softmax(logits).astype(np.float32)


def padded(labels, width=0):
    count = np.array([*map(len, labels)], np.int32)
    values = np.zeros((len(labels), max([width, *count])), np.int32)
    for row, label in zip(values, labels):
        row[: len(label)] = label
    return values, count


def align(log_probs, lengths, labels, width=0):
    """Returns first and last frames and confidences, as arrays."""
    outputs = ALIGN(
        tf.constant(log_probs),
        tf.constant(lengths, tf.int32),
        *map(tf.constant, padded(labels, width)),
    )
    return [values.numpy() for values in outputs]


def expected_alignment(log_probs, labels):
    """Returns (first, last, confidence) of each label, by all paths."""
    path = np.array(paths.best_path(log_probs, labels))
    changes = np.flatnonzero(np.diff(path, prepend=-1))
    spans = [*zip(changes, np.append(changes[1:], len(path)) - 1)]
    return [
        (a, b, np.exp(log_probs[a : b + 1, path[a]]).mean())
        for a, b in spans
        if path[a]
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_frames_of_tokens_are_those_of_the_best_path(seed):
    log_probs = random_log_probs(seed)
    outputs = align(log_probs, LENGTHS, LABELS)
    for row, (labels, length) in enumerate(zip(LABELS, LENGTHS)):
        rows = [*zip(*(values[row] for values in outputs))]
        expected = []
        if row < 6:
            expected = expected_alignment(log_probs[row, :length], labels)
            assert len(expected) == len(labels)
        for values, right in zip(rows, expected):
            np.testing.assert_allclose(values, right, rtol=1e-5, atol=1e-6)
        for values in rows[len(expected) :]:
            assert values == (-1, -1, 0)


def test_padding_and_other_rows_change_no_bit():
    log_probs = random_log_probs(0)
    padding = np.full((len(LABELS), 5, 1 + TOKENS), np.nan, np.float32)
    wide = np.concatenate([log_probs, padding], 1)
    whole = align(wide, LENGTHS, LABELS, width=7)
    for row, (labels, length) in enumerate(zip(LABELS, LENGTHS)):
        alone = align(log_probs[row : row + 1, :length], [length], [labels])
        for values, expected in zip(whole, alone):
            np.testing.assert_array_equal(
                values[row, : len(labels)], expected[0]
            )


def test_a_large_sum_of_log_probabilities_does_not_blur_the_frames():
    """As of hours, where float32 has steps of 1/2."""
    rng = np.random.default_rng(1)
    frames, labels = 1500, rng.integers(1, 4, 300)
    path = np.zeros(frames, int)  # A label, and a blank after it.
    starts = np.sort(rng.choice(frames // 2, len(labels), False)) * 2
    path[starts] = labels
    logits = rng.normal(0, 0.1, (frames, 4))
    logits[range(frames), path] += 0.5
    log_probs = paths.log_softmax(logits)[None].astype(np.float32)
    first, last, _ = align(log_probs - 4096, [frames], [labels])
    expected, _, _ = align(log_probs, [frames], [labels])
    np.testing.assert_array_equal(first, expected)
    assert np.mean(first[0] == starts) > 0.9
    assert (first <= last).all()


def test_a_forbidden_token_is_aligned_if_nothing_else_is_possible():
    log_probs = np.full((1, 4, 4), -np.inf, np.float32)
    log_probs[0, :, 0] = 0
    first, last, confidence = align(log_probs, [4], [(2, 1)])
    assert 0 <= first[0, 0] <= last[0, 0] < first[0, 1] <= last[0, 1] < 4
    assert not confidence.any()


@pytest.mark.parametrize(("rows", "frames", "width"), [(2, 0, 2), (2, 3, 0)])
def test_empty_recordings_and_transcripts_have_no_frames(rows, frames, width):
    log_probs = random_log_probs(0, rows, frames)
    first, last, confidence = align(log_probs, [frames] * rows, [()] * 2, width)
    assert first.shape == last.shape == confidence.shape == (rows, width)
    assert (first == -1).all() and (last == -1).all() and not confidence.any()
