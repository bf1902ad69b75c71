"""The baseline of harmony: the most frequent notes below a melody."""

import numpy as np
import pytest

from apps.music.baselines import harmony
from apps.music.baselines import melody_features
from apps.music.data import grammar


@pytest.fixture(scope="module")
def pieces():
    rng = np.random.default_rng(0)
    return [grammar.draw(rng) for _ in range(80)]


@pytest.fixture(scope="module")
def harmonizer(pieces):
    return harmony.Harmonizer(pieces[:60], pieces[60:70])


def test_the_melody_stays_and_all_frames_have_voices(harmonizer, pieces):
    for piece in pieces[70:]:
        harmonized = harmonizer.harmonize(piece[:, 0])
        assert harmonized.shape == piece.shape
        assert harmonized.dtype == np.int32
        np.testing.assert_array_equal(harmonized[:, 0], piece[:, 0])


def test_voices_have_pitches_of_the_training_pieces(harmonizer, pieces):
    notes = np.concatenate(pieces[:60])
    for offset in (-30, 0, 30):  # Beyond the melodies to learn from, too.
        melody = pieces[70][:, 0] + offset
        harmonized = harmonizer.harmonize(melody)
        for voice in (1, 2, 3):
            assert {*harmonized[:, voice]} <= {*notes[:, voice]}


def test_it_is_better_than_the_most_frequent_pitch(harmonizer, pieces):
    notes, test = np.concatenate(pieces[:60]), np.concatenate(pieces[70:])
    frequent = [np.bincount(voice).argmax() for voice in notes[:, 1:].T]
    accuracies = harmonizer.accuracies(pieces[70:])
    assert accuracies.shape == (3,)
    assert (accuracies > (test[:, 1:] == frequent).mean(0) + 0.1).all()


def test_the_validation_pieces_choose_the_context():
    """Chords that follow one another, below a melody that says nothing."""
    chords = np.array([[67, 64, 48], [65, 62, 50], [67, 62, 43]])
    piece = np.concatenate([np.full([30, 1], 72), np.tile(chords, [10, 1])], 1)
    harmonizer = harmony.Harmonizer([piece] * 20, [piece])
    assert harmonizer.context == "previous chord"
    np.testing.assert_array_equal(harmonizer.harmonize(piece[:, 0]), piece)


def test_transpositions_share_their_counts():
    """A melody in a key without a training piece has the same harmony."""
    rng = np.random.default_rng(1)
    train = [grammar.draw(rng, range(58, 60)) for _ in range(40)]
    # So that the pitches are allowed.
    train.append(grammar.draw(rng, range(60, 61)))
    harmonizer = harmony.Harmonizer(train, train[:3])
    melody = train[0][:, 0]
    lower = harmonizer.harmonize(melody)
    higher = harmonizer.harmonize(melody + 1)
    assert (higher == lower + 1).mean() > 0.8


def test_rests_and_silence_are_harmonized(harmonizer):
    melody = np.array([0, 72, 0, 0, 74, 0])
    harmonized = harmonizer.harmonize(melody)
    assert harmonized[:, 0].tolist() == melody.tolist()
    assert harmonizer.harmonize(np.zeros(4, int)).shape == (4, 4)
    assert harmonizer.harmonize(np.zeros(0, int)).shape == (0, 4)


def test_voices_rest_where_those_of_the_training_pieces_do():
    piece = np.tile([[72, 67, 64, 48], [0, 0, 0, 0]], [10, 1])
    harmonizer = harmony.Harmonizer([piece], [piece])
    np.testing.assert_array_equal(harmonizer.harmonize(piece[:, 0]), piece)


def test_the_key_of_a_melody_is_estimated(pieces):
    finder = melody_features.KeyFinder(pieces[:60])
    keys = [finder.find(piece[:, 0]) for piece in pieces]
    hits = [key == (piece[-1, 3] % 12, 0) for key, piece in zip(keys, pieces)]
    assert np.mean(hits) > 0.75


def test_frames_know_the_notes_around_them():
    melody = np.array([0, 72, 72, 0, 74, 71])
    frames = melody_features.frames(melody, (2, 0))
    assert [frame.pitch for frame in frames] == [72, 72, 72, 72, 74, 71]
    assert [frame.degree for frame in frames] == [10, 10, 10, 10, 0, 9]
    assert [frame.after for frame in frames] == [2, 2, 2, 2, -3, None]
    assert [frame.before for frame in frames] == [None, None, None, None, 2, -3]
    assert [frame.age for frame in frames] == [0, 0, 1, 0, 0, 0]
    assert [frame.sounds for frame in frames] == [
        *(False, True, True, False, True, True)
    ]
