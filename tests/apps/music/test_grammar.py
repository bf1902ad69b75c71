"""The grammar of the sample: its music, and its exact probabilities."""

import collections
import itertools

import numpy as np
import pytest

from apps.music.data import chords
from apps.music.data import grammar

C_MAJOR = range(60, 61)


@pytest.fixture(scope="module")
def pieces():
    rng = np.random.default_rng(0)
    return [grammar.draw(rng) for _ in range(60)]


def perfect_parallels(piece, high, low):
    """Returns the number of parallel fifths and octaves of two voices."""
    directions = np.sign(np.diff(piece, axis=0))
    intervals = (piece[:, high] - piece[:, low]) % 12
    return np.sum(
        np.isin(intervals[1:], (0, 7))
        & (intervals[1:] == intervals[:-1])
        & (directions[:, high] == directions[:, low])
        & (directions[:, high] != 0)
    )


def test_voices_never_cross_and_are_within_the_ranges_of_singers(pieces):
    notes = np.concatenate(pieces)
    assert (np.diff(notes, axis=1) < 0).all()
    assert (notes >= [63, 58, 53, 41]).all()
    assert (notes <= [79, 69, 64, 59]).all()


def test_a_piece_ends_on_the_tonic_after_the_dominant(pieces):
    for piece in pieces:
        assert 32 <= len(piece) <= 64
        if len(piece) == 64:
            continue
        final = piece[-4:]
        assert (final == final[0]).all()
        tonic = final[0, 3] % 12
        assert {*((final[0] - tonic) % 12)} == {0, 4, 7}
        assert {*((piece[-6] - tonic) % 12)} >= {5, 7, 11}
    assert np.mean([len(piece) < 64 for piece in pieces]) > 0.9


def test_the_lower_voices_tell_their_chord():
    positions = [p for chord in chords.CHORDS for p in chord.positions]
    assert len(set(positions)) == len(positions)
    for chord in chords.CHORDS:
        assert sum(chord.following) == pytest.approx(1)
        for position in chord.positions:
            assert {pitch % 12 for pitch in position} <= {*chord.notes}


def test_parallel_fifths_and_octaves_of_lower_voices_are_rare(pieces):
    count = sum(
        perfect_parallels(piece, *pair)
        for piece in pieces
        for pair in itertools.combinations(range(1, 4), 2)
    )
    assert count < 0.01 * sum(map(len, pieces))


def candidates():
    """Yields all frames of notes of C major in their order of height."""
    pitches = [
        [p for p in range(60 + low, 61 + high) if p % 12 in grammar.SCALE]
        for low, high in ((5, 17), (0, 7), (-5, 4), (-17, -3))
    ]
    for frame in itertools.product(*pitches):
        if all(high > low for high, low in itertools.pairwise(frame)):
            yield frame


@pytest.mark.parametrize("length", [0, 1, 2, 5, 6])
def test_probabilities_of_all_continuations_sum_to_one(length):
    prefix = grammar.draw(np.random.default_rng(2), C_MAJOR)[:length]
    total = sum(
        np.exp(grammar.log_probabilities(np.array([*prefix, frame]), C_MAJOR))[
            -1
        ]
        for frame in candidates()
    )
    assert total == pytest.approx(1, abs=1e-9)


def test_probabilities_are_the_frequencies_of_drawn_pieces():
    rng = np.random.default_rng(4)
    count = 4000
    drawn = collections.Counter(
        tuple(grammar.draw(rng, range(60, 62), 3, 3).ravel().tolist())
        for _ in range(count)
    )
    for piece, frequency in drawn.most_common(30):
        piece = np.reshape(piece, [3, 4])
        share = np.exp(grammar.log_probabilities(piece, range(60, 62)).sum())
        deviation = np.sqrt(count * share * (1 - share))
        assert abs(frequency - count * share) < 4 * deviation


def test_the_key_is_inferred_from_the_notes():
    """The probability of a piece is the mean of those in each key."""
    piece = grammar.draw(np.random.default_rng(5))
    by_key = [
        np.exp(grammar.log_probabilities(piece, range(tonic, tonic + 1)).sum())
        for tonic in grammar.TONICS
    ]
    total = grammar.log_probabilities(piece).sum()
    np.testing.assert_allclose(np.exp(total), np.mean(by_key))


def test_a_transposed_piece_is_as_probable_in_its_key():
    piece = grammar.draw(np.random.default_rng(6), C_MAJOR)
    np.testing.assert_allclose(
        grammar.log_probabilities(piece, C_MAJOR),
        grammar.log_probabilities(piece + 5, range(65, 66)),
    )


def test_frames_that_the_grammar_does_not_have_are_impossible():
    piece = grammar.draw(np.random.default_rng(7))
    piece[20] = 60
    log_probabilities = grammar.log_probabilities(piece)
    assert np.isfinite(log_probabilities[:20]).all()
    assert np.isneginf(log_probabilities[20:]).all()


def test_drawn_pieces_are_possible(pieces):
    for piece in pieces:
        assert np.isfinite(grammar.log_probabilities(piece)).all()
