"""The CTC loss equals the sum over all paths, and is always finite."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config as tf_config

from common.generation.ctc import loss
from tests.common.generation.ctc import paths

FRAMES = 5
# Of 5, 5, 3, 4, 2, 0, 2, 0, 5 frames: labeled rows, an empty transcript, one
# without frames, and three impossible ones.
LABELS = [(1, 2), (3, 3), (1, 2, 3), (2,), (), (), (1, 1), (2,), ()]
LENGTHS = np.array([5, 5, 3, 4, 2, 0, 2, 0, 5], np.int32)
POSSIBLE = [True] * 6 + [False] * 2 + [True]


def padded(labels):
    """Returns labels (batch, labels), and their number."""
    lengths = np.array([*map(len, labels)], np.int32)
    values = np.zeros((len(labels), max(lengths, default=0)), np.int32)
    for row, label in zip(values, labels):
        row[: len(label)] = label
    return tf.constant(values), tf.constant(lengths)


def random_logits(rows, scale=2.0, frames=FRAMES):
    rng = np.random.default_rng(0)
    return rng.normal(0, scale, (rows, frames, 4)).astype(np.float32)


@tf.function(autograph=False)
def loss_and_gradient(labels, logits, label_lengths, logit_lengths):
    with tf.GradientTape() as tape:
        tape.watch(logits)
        losses, possible = loss.ctc_loss(
            labels, logits, label_lengths, logit_lengths
        )
        total = tf.reduce_sum(losses)
    return losses, possible, tape.gradient(total, logits)


def compute(labels, logits, lengths, function=loss_and_gradient):
    """Returns losses, whether possible, and gradients, as arrays."""
    labels, label_lengths = padded(labels)
    outputs = function(
        labels, tf.constant(logits), label_lengths, tf.constant(lengths)
    )
    return [values.numpy() for values in outputs]


def expected_loss(logits, label, frames):
    """Returns minus the log of the sum over all paths."""
    sums = paths.probabilities(paths.log_softmax(logits[:frames]))
    return -np.log(sums[tuple(label)])


def test_the_loss_is_that_of_all_paths():
    logits = random_logits(len(LABELS))
    losses, possible, _ = compute(LABELS, logits, LENGTHS)
    expected = [
        expected_loss(row, label, frames) if is_possible else 0.0
        for row, label, frames, is_possible in zip(
            logits, LABELS, LENGTHS, POSSIBLE
        )
    ]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    assert possible.tolist() == POSSIBLE


def test_the_gradient_is_that_of_central_differences():
    logits, step = random_logits(len(LABELS), 1.0), 1e-4
    *_, gradients = compute(LABELS, logits, LENGTHS)
    rng = np.random.default_rng(1)
    for row, label in enumerate(LABELS):
        frames = LENGTHS[row]
        for _ in range(4 if frames and POSSIBLE[row] else 0):
            t, k = rng.integers(frames), rng.integers(4)
            sides = []
            for sign in (1, -1):
                moved = logits[row].astype(np.float64)
                moved[t, k] += sign * step
                sides.append(expected_loss(moved, label, frames))
            difference = (sides[0] - sides[1]) / (2 * step)
            assert abs(gradients[row, t, k] - difference) < 1e-5


def test_nothing_else_has_a_gradient():
    logits = random_logits(len(LABELS))
    *_, gradients = compute(LABELS, logits, LENGTHS)
    for gradient, frames, is_possible in zip(gradients, LENGTHS, POSSIBLE):
        assert not gradient[frames:].any()
        assert is_possible or not gradient.any()


def test_padding_changes_no_bit():
    labels, lengths = LABELS[:4], LENGTHS[:4]
    logits = random_logits(4)
    losses, _, gradients = compute(labels, logits, lengths)
    wide = np.full((4, 9, 4), np.nan, np.float32)
    wide[:, :FRAMES] = logits
    wide[2, 3:] = wide[3, 4:] = np.inf
    again, _, wide_gradients = compute(labels, wide, lengths)
    np.testing.assert_array_equal(losses, again)
    np.testing.assert_array_equal(gradients, wide_gradients[:, :FRAMES])
    assert not wide_gradients[:, FRAMES:].any()


@pytest.mark.parametrize("frames", [0, 3])
def test_all_transcripts_may_be_empty(frames):
    logits = random_logits(2, frames=frames)
    lengths = np.array([frames, 0], np.int32)
    losses, possible, gradients = compute([(), ()], logits, lengths)
    log_probs = paths.log_softmax(logits[0])
    np.testing.assert_allclose(losses, [-log_probs[:, 0].sum(), 0], rtol=1e-5)
    assert possible.all()
    expected = np.exp(log_probs)
    expected[:, 0] -= 1
    np.testing.assert_allclose(gradients[0], expected, atol=1e-6)
    assert not gradients[1].any()


def test_all_labels_may_be_impossible():
    losses, possible, gradients = compute(
        [(1, 1), (3,)], random_logits(2), np.array([2, 0], np.int32)
    )
    assert not (losses.any() or possible.any() or gradients.any())


@pytest.mark.parametrize("scale", [30.0, 1e3, 1e30])
def test_certain_logits_give_finite_losses_and_raise_the_labels(scale):
    logits = np.zeros((2, FRAMES, 4), np.float32)
    logits[..., 3] = scale  # Certain of token 3.
    lengths = np.array([5, 5], np.int32)
    losses, _, gradients = compute([(1, 2), ()], logits, lengths)
    assert np.isfinite(losses).all() and np.isfinite(gradients).all()
    assert losses.min() >= min(scale, 80) * 0.9
    assert (gradients[0, :, 1:3].sum(0) < -0.5).all()
    assert (gradients[1, :, 0] < -0.5).all()


def test_possible_rows_have_the_loss_of_keras():
    rng = np.random.default_rng(2)
    logits = rng.normal(size=(6, 30, 9)).astype(np.float32)
    labels = rng.integers(1, 9, (6, 7)).astype(np.int32)
    label_lengths = np.array([7, 1, 3, 7, 5, 6], np.int32)
    lengths = np.array([30, 30, 22, 25, 30, 17], np.int32)
    losses, _ = loss.ctc_loss(
        *map(tf.constant, (labels, logits, label_lengths, lengths))
    )
    expected = keras.ops.ctc_loss(
        labels, logits, label_lengths, lengths, mask_index=0
    )
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


def test_it_runs_where_ops_must_be_deterministic():
    before = compute(LABELS, random_logits(len(LABELS)), LENGTHS)
    enabled = tf_config.is_op_determinism_enabled()
    tf.config.experimental.enable_op_determinism()
    try:
        traced = loss_and_gradient.python_function
        function = tf.function(traced, autograph=False)
        after = compute(LABELS, random_logits(len(LABELS)), LENGTHS, function)
    finally:
        if not enabled:
            tf_config.disable_op_determinism()
    for a, b in zip(before, after):
        np.testing.assert_array_equal(a, b)
