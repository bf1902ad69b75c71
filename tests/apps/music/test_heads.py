"""Distributions of a frame."""

import numpy as np
import pytest
import tensorflow as tf

from apps.music.model import choices
from tests.apps.music import tiny

ROWS = 5


def vectors():
    rng = np.random.default_rng(3)
    return tf.constant(rng.normal(size=[ROWS, 6]), tf.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def nade_loop(head, vector, choose):
    """The equations of `NadeHead`, a key after the other.

    Returns the log-odds of each key, and the keys that `choose` chose.
    """
    hidden = head.hidden(vector[None])[0].numpy().astype(float)
    visible = head.visible(vector[None])[0].numpy().astype(float)
    keys, log_odds = np.zeros(88, int), np.zeros(88)
    for i in range(88):
        log_odds[i] = head.to_keys[i].numpy() @ sigmoid(hidden) + visible[i]
        keys[i] = choose(i, log_odds[i])
        hidden = hidden + keys[i] * head.from_keys[i].numpy()
    return log_odds, keys


def test_nade_has_the_log_odds_of_its_equations():
    head = tiny.composer("nade").head
    frames = tiny.roll(ROWS)[0]
    actual = head.logits(vectors(), frames)
    for vector, frame, values in zip(vectors(), frames.numpy(), actual):
        expected, _ = nade_loop(head, vector, lambda i, _, f=frame: f[i])
        np.testing.assert_allclose(values, expected, atol=1e-5)


def test_nade_of_no_frames():
    head = tiny.composer("nade").head
    logits = head.logits(vectors()[:0], tiny.roll(ROWS)[0][:0])
    assert logits.shape == (0, 88)


@pytest.mark.parametrize("temperature", [1.0, 0.0])
def test_nade_draws_a_key_after_the_other(temperature):
    head = tiny.composer("nade").head
    drawn = np.random.default_rng(5).random([ROWS, 88]).astype(np.float32)
    actual = head.draw(vectors(), tf.constant(drawn), temperature, 1.0)
    for row, vector in enumerate(vectors()):

        def choose(i, log_odds, numbers=drawn[row]):
            if temperature == 0:
                return log_odds > 0
            return numbers[i] < sigmoid(log_odds)

        _, expected = nade_loop(head, vector, choose)
        np.testing.assert_array_equal(actual[row], expected)


def test_a_key_above_has_no_influence():
    """Only lower keys do, in the joint family."""
    head = tiny.composer("nade").head
    frames = tiny.roll(ROWS)[0].numpy()
    changed = frames.copy()
    changed[:, 50:] = 1 - changed[:, 50:]
    np.testing.assert_allclose(
        head.logits(vectors(), tf.constant(frames))[:, :51],
        head.logits(vectors(), tf.constant(changed))[:, :51],
        atol=1e-6,
    )


def test_keys_are_independent():
    head = tiny.composer("keys").head
    frames = tiny.roll(ROWS)[0]
    expected = -np.log(
        np.where(
            frames > 0,
            sigmoid(head.dense(vectors())),
            1 - sigmoid(head.dense(vectors())),
        )
    )
    np.testing.assert_allclose(
        head.nats(vectors(), frames), expected, rtol=1e-4
    )


def test_probabilities_of_two_voices_sum_to_one():
    head = tiny.composer("voices").head
    pitches = np.arange(89)
    pairs = np.stack(np.meshgrid(pitches, pitches), -1).reshape(-1, 2)
    frames = np.zeros([len(pairs), 4], np.int32)
    frames[:, [0, 3]] = pairs  # Soprano and bass are the first.
    vector = tf.repeat(vectors()[:1], len(frames), 0)
    nats = tf.gather(head.nats(vector, tf.constant(frames)), [0, 3], axis=1)
    total = np.exp(-nats.numpy().astype(float).sum(1)).sum()
    assert total == pytest.approx(1, abs=1e-4)


def test_voices_are_drawn_within_their_ranges_below_the_given_one():
    head = tiny.composer("voices").head
    rng = np.random.default_rng(0)
    given = tf.constant([41, 50, 0, 60, 88])
    drawn = tf.constant(rng.random([ROWS, 4]), tf.float32)
    frames = head.draw(vectors(), drawn, 1.0, 1.0, given).numpy()
    np.testing.assert_array_equal(frames[:, 0], given)
    for voice, (low, high) in enumerate(tiny.VOICE_RANGES[1:], 1):
        pitches = frames[:, voice]
        inside = (pitches >= low) & (pitches <= high)
        assert ((pitches == 0) | inside).all()


def test_the_most_probable_voices_have_the_highest_logits():
    head = tiny.create("voices", ranges=[[1, 88]] * 4).head
    frames = head.draw(vectors(), tf.zeros([ROWS, 4]), 0.0, 1.0)
    logits = head.logits(vectors(), frames)
    np.testing.assert_array_equal(tf.argmax(logits, -1), frames)


@pytest.mark.parametrize(
    ("temperature", "top_p", "expected"),
    [
        (1.0, 1.0, [True, True, False]),
        (0.0, 1.0, [False, True, False]),
        (1.0, 0.7, [True, True, False]),
        (1.0, 0.5, [False, True, False]),
        (9.0, 1.0, [True, False, True]),
    ],
)
def test_one_of_two(temperature, top_p, expected):
    """Probabilities 0.4, 0.8 and 0.1, and random numbers near them."""
    probabilities = np.array([0.4, 0.8, 0.1], np.float32)
    log_odds = np.log(probabilities / (1 - probabilities))
    chosen = choices.one_of_two(
        tf.constant(log_odds),
        tf.constant([0.39, 0.6, 0.2]),
        tf.constant(temperature),
        tf.constant(top_p),
    )
    np.testing.assert_array_equal(chosen, expected)
