"""Scores of frames, as in the published tables."""

import numpy as np
import pytest

from apps.music.evaluation import scores


@pytest.fixture
def pieces():
    """Returns rolls of different lengths, and probabilities of their keys."""
    rng = np.random.default_rng(0)
    rolls = [rng.integers(0, 2, [n, 88]) for n in (2, 5, 30)]
    return rolls, [rng.uniform(0.01, 0.99, roll.shape) for roll in rolls]


def test_notes_are_counted_from_the_second_frame_on(pieces):
    roll, probabilities = pieces[0][2], pieces[1][2]
    predicted = (probabilities > 0.5).astype(int)
    expected = [0, 0, 0]
    for t in range(1, 30):
        for key in range(88):
            pair = roll[t, key], predicted[t, key]
            for place, kind in enumerate([(1, 1), (0, 1), (1, 0)]):
                expected[place] += pair == kind
    counts = scores.count_notes(roll, predicted)
    assert [*counts] == expected
    padded = np.pad(roll, ((0, 9), (0, 0)), constant_values=-1)
    longer = np.pad(predicted, ((0, 9), (0, 0)), constant_values=1)
    assert scores.count_notes(padded, longer) == counts


def test_accuracy_and_f1_are_of_all_pieces_together():
    counts = scores.FrameCounts(3, 3, 4)
    assert scores.frame_accuracy(counts) == pytest.approx(3 / 10)
    precision, recall = 3 / 6, 3 / 7
    f1 = 2 * precision * recall / (precision + recall)
    assert scores.f1(counts) == pytest.approx(f1)


def test_pieces_without_notes_are_answered_by_silence():
    silence = scores.FrameCounts(0, 0, 0)
    assert scores.frame_accuracy(silence) == scores.f1(silence) == 1
    added = scores.FrameCounts(0, 2, 0)
    assert scores.frame_accuracy(added) == scores.f1(added) == 0
