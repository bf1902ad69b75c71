"""N-gram counts and Kneser-Ney smoothing, by hand."""

import numpy as np
import pytest

from common.text.ngrams import kneser_ney
from common.text.ngrams import ngram_counts
from tests.common.text.ngrams import tiny
from tests.common.text.ngrams.tiny import END
from tests.common.text.ngrams.tiny import TINY
from tests.common.text.ngrams.tiny import A
from tests.common.text.ngrams.tiny import B


def test_counts_do_not_extend_over_the_end_of_a_line():
    _, pairs, triples = ngram_counts.tables(TINY, 3, 3)
    # The start mark is 3.
    bigrams = {(key // 4, key % 4) for key in pairs.keys}
    assert bigrams == {(3, A), (A, B), (B, END), (A, END)}
    assert pairs.counts.sum() == 5
    assert len(triples.keys) == 3  # <s> a b, a b </s>, <s> a </s>.
    assert triples.at_start.sum() == 2


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # Of 4 bigrams, 1, 1 and 2 end with these tokens; the discount is 1/2
        # each, and 3/8 is spread.
        ((A,), 0.75 + 0.25 * 0.25),
        ((B,), 0.25 * 0.25),
        ((END,), 0.25 * 0.5),
        ((A, B), 0.25 + 0.5 * 0.25),
        ((A, END), 0.25 + 0.5 * 0.5),
        ((A, A), 0.5 * 0.25),
        ((A, B, END), 0.5 + 0.5 * 0.5),
    ],
)
def test_kneser_ney_by_hand(line, expected):
    model = kneser_ney.KneserNey(TINY, 3, 2)
    assert tiny.probability(model, *line) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # After the start mark, A was counted twice; it has no token before it.
        ((A,), 0.75 + 0.25 * 0.25),
        ((B,), 0.25 * 0.25),
        # After A, B and the end each have one kind of token before A.
        ((A, B), 0.25 + 0.5 * (0.25 + 0.5 * 0.25)),
        ((A, B, END), 0.5 + 0.5 * (0.5 + 0.5 * 0.5)),
    ],
)
def test_kneser_ney_counts_occurrences_at_the_start_of_a_line(line, expected):
    model = kneser_ney.KneserNey(TINY, 3, 3)
    assert tiny.probability(model, *line) == pytest.approx(expected)


def test_discounts_by_hand():
    counts = np.array([1] * 4 + [2] * 2 + [3, 4, 9])
    # Y = 4 / (4 + 2 * 2) = 1/2.
    np.testing.assert_allclose(kneser_ney.discounts(counts), [0, 0.5, 1.25, 1])


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_probabilities_of_all_tokens_add_up_to_one(order):
    train = tiny.random_text(np.random.default_rng(0), 200, 7)
    model = kneser_ney.KneserNey(train, 7, order)
    tiny.check_probabilities_add_up_to_one(model, 7)
