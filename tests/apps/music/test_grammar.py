"""The grammar of the sample: its music, and its exact probabilities."""

import collections
import itertools

import numpy as np
import pytest

from apps.music.data import grammar

ONE_TONIC = range(60, 61)


@pytest.fixture(scope="module")
def pieces():
    rng = np.random.default_rng(0)
    return [grammar.draw(64, rng) for _ in range(60)]


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


def test_voices_never_cross_and_stay_within_their_ranges(pieces):
    notes = np.concatenate(pieces)
    assert (np.diff(notes, axis=1) < 0).all()
    lowest = [min(grammar.TONICS) + low for low, _ in grammar.RANGES]
    highest = [max(grammar.TONICS) + high for _, high in grammar.RANGES]
    assert (notes >= lowest).all()
    assert (notes <= highest).all()


def test_a_period_ends_on_the_tonic_after_the_dominant(pieces):
    for piece in pieces:
        for end in range(grammar.PERIOD, len(piece) + 1, grammar.PERIOD):
            final = piece[end - 4 : end]
            assert (final == final[0]).all()
            assert len({*(final[0] % 12)}) == 3
            dominant = {*(piece[end - 6] % 12)}
            tonic = final[0, 3] % 12
            assert {(tonic + 7) % 12, (tonic + 11) % 12} < dominant


def test_parallel_fifths_and_octaves_are_rare(pieces):
    count = sum(
        perfect_parallels(piece, *pair)
        for piece in pieces
        for pair in itertools.combinations(range(4), 2)
    )
    assert count < 0.01 * sum(map(len, pieces))


def candidates(tonics):
    """Yields all frames in order of height, of notes of the scales."""
    scale = set(grammar.MODES[0].scale) | set(grammar.MODES[1].scale)
    pitches = [
        sorted(
            {
                tonic + step
                for tonic in tonics
                for step in range(low, high + 1)
                if step % 12 in scale
            }
        )
        for low, high in grammar.RANGES
    ]
    for frame in itertools.product(*pitches):
        if all(high > low for high, low in itertools.pairwise(frame)):
            yield frame


@pytest.mark.parametrize("length", [0, 1, 2])
def test_probabilities_of_all_continuations_sum_to_one(length):
    prefix = grammar.draw(32, np.random.default_rng(2), ONE_TONIC)[:length]
    total = sum(
        np.exp(
            grammar.log_probabilities(np.array([*prefix, frame]), ONE_TONIC)
        )[-1]
        for frame in candidates(ONE_TONIC)
    )
    assert total == pytest.approx(1, abs=1e-9)


def test_probabilities_of_moves_sum_to_one_in_all_keys():
    prefix = grammar.draw(32, np.random.default_rng(3))[:1]
    moves = [
        prefix[0] + move * np.eye(4, dtype=int)[voice]
        for voice in range(4)
        for move in (-2, -1, 1, 2)
    ]
    total = sum(
        np.exp(grammar.log_probabilities(np.array([*prefix, frame])))[-1]
        for frame in [prefix[0], *moves]
    )
    assert total == pytest.approx(1, abs=1e-9)


def test_probabilities_are_the_frequencies_of_drawn_pieces():
    rng = np.random.default_rng(4)
    count = 4000
    drawn = collections.Counter(
        tuple(grammar.draw(2, rng, range(60, 62)).ravel().tolist())
        for _ in range(count)
    )
    for piece, frequency in drawn.most_common(30):
        piece = np.reshape(piece, [2, 4])
        share = np.exp(grammar.log_probabilities(piece, range(60, 62)).sum())
        deviation = np.sqrt(count * share * (1 - share))
        assert abs(frequency - count * share) < 4 * deviation


def test_the_key_is_inferred_from_the_notes():
    """The probability of a piece is the mean of those in each key."""
    piece = grammar.draw(32, np.random.default_rng(5))
    by_key = [
        np.exp(grammar.log_probabilities(piece, range(tonic, tonic + 1)).sum())
        for tonic in grammar.TONICS
    ]
    total = grammar.log_probabilities(piece).sum()
    np.testing.assert_allclose(np.exp(total), np.mean(by_key))


def test_a_transposed_piece_is_as_probable_in_its_key():
    piece = grammar.draw(32, np.random.default_rng(6), ONE_TONIC)
    np.testing.assert_allclose(
        grammar.log_probabilities(piece, ONE_TONIC),
        grammar.log_probabilities(piece + 5, range(65, 66)),
    )


def test_frames_that_the_grammar_does_not_have_are_impossible():
    piece = grammar.draw(32, np.random.default_rng(7))
    piece[20] = 60
    log_probabilities = grammar.log_probabilities(piece)
    assert np.isfinite(log_probabilities[:20]).all()
    assert np.isneginf(log_probabilities[20:]).all()


def test_drawn_pieces_are_possible(pieces):
    for piece in pieces:
        assert np.isfinite(grammar.log_probabilities(piece)).all()
