"""Counts, smoothing, and a grammar whose probabilities are known."""

import numpy as np
import pytest

from apps.language_model import baseline
from apps.language_model import data
from apps.language_model import evaluating
from apps.language_model import interpolation
from apps.language_model import kneser_ney
from apps.language_model import ngrams
from apps.language_model import sample
from apps.language_model import vocabulary
from common.data.records import BadRecords

A, B, END = 0, 1, 2
# "a b", and "a".
TINY = np.array([A, B, END, A, END]), np.array([3, 2])


def probability(model, *line):
    """Returns that of the last token of a line."""
    ids, lengths = np.array(line), np.array([len(line)])
    return float(np.exp(model.log_probabilities(ids, lengths)[-1]))


def text(rng, lines, size):
    """Returns lines of tokens that follow each other not by chance alone."""
    lengths = rng.integers(1, 9, lines)
    ids = (rng.integers(0, 3, lengths.sum()).cumsum() ** 2) % size
    return ids, lengths


def test_counts_do_not_reach_over_the_end_of_a_line():
    _, pairs, triples = ngrams.tables(*TINY, 3, 3)
    # The mark of the start is 3.
    found = {(key // 4, key % 4) for key in pairs.keys}
    assert found == {(3, A), (A, B), (B, END), (A, END)}
    assert pairs.counts.sum() == 5
    assert len(triples.keys) == 3  # <s> a b, a b </s>, <s> a </s>.
    assert triples.at_start.sum() == 2


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # Of 4 pairs, 1, 1 and 2 end with them; 1/2 is taken off each, and
        # 3/8 is spread.
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
    model = kneser_ney.KneserNey(*TINY, 3, 2)
    assert probability(model, *line) == pytest.approx(expected)


def test_discounts_by_hand():
    counts = np.array([1] * 4 + [2] * 2 + [3, 4, 9])
    # Y = 4 / (4 + 2 * 2) = 1/2.
    np.testing.assert_allclose(kneser_ney.discounts(counts), [0, 0.5, 1.25, 1])


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_probabilities_of_all_tokens_add_up_to_one(order):
    rng, size = np.random.default_rng(0), 7
    train, held_out = text(rng, 200, size), text(rng, 50, size)
    models = [
        kneser_ney.KneserNey(*train, size, order),
        interpolation.Interpolation(*train, size, order, held_out),
    ]
    ids, lengths = text(rng, 10, size)
    starts = np.cumsum(lengths) - lengths
    for start, length in zip(starts, lengths):
        seen = ids[start : start + length - 1].tolist()
        for model in models:
            total = sum(probability(model, *seen, w) for w in range(size))
            assert total == pytest.approx(1)


def test_interpolation_by_hand():
    model = interpolation.Interpolation(*TINY, 3, 2, TINY)
    model.weights = np.array([0.1, 0.3, 0.6])
    found = probability(model, A, B)
    assert found == pytest.approx(0.1 / 3 + 0.3 * 1 / 5 + 0.6 * 1 / 2)
    # Nothing was ever seen after an end: the longest gives its weight away.
    found = probability(model, END, A)
    assert found == pytest.approx((0.1 / 3 + 0.3 * 2 / 5) / 0.4)


def test_weights_suit_the_held_out_text():
    rng, size = np.random.default_rng(1), 20
    train, held_out = text(rng, 300, size), text(rng, 300, size)
    model = interpolation.Interpolation(*train, size, 2, held_out)
    best = model.log_probabilities(*held_out).mean()
    for weights in ([0.3, 0.3, 0.4], [0.0, 0.5, 0.5], [0.01, 0.9, 0.09]):
        model.weights = np.array(weights)
        assert model.log_probabilities(*held_out).mean() <= best


def test_the_grammar_knows_what_can_follow():
    stack = sample.START
    for word in ["the", "dog", "that", "the", "men", "near"]:
        options = sample.following(stack)
        assert sum(p for p, _ in options.values()) == pytest.approx(1)
        _, stack = options[word]
    line = "the dog that the men ( red [ ] ) say barks"
    assert -99 < sample.log_probability(line) < 0
    for wrong in (
        "the dog bark",
        "the dog that the men ( red [ ) ] say barks",
        "the dog that the men says barks",
        "the dog",
    ):
        with pytest.raises(ValueError, match="can follow"):
            sample.log_probability(wrong)


def test_the_sample_is_the_same_every_time():
    lines = sample.lines(300, "train")
    assert lines == sample.lines(300, "train")
    assert lines != sample.lines(300, "test")


def test_n_grams_stay_far_above_the_floor_of_the_sample():
    texts = [sample.lines(n, str(n)) for n in (4000, 500, 501)]
    places = {}
    coded = []
    for lines in texts:
        words = [[*line.split(), ""] for line in lines]
        ids = [places.setdefault(w, len(places)) for ws in words for w in ws]
        coded.append((np.array(ids), np.array([*map(len, words)])))
    found = baseline.log_probabilities(*coded, len(places), 5)
    assert [*found] == ["unigram", "bigram", "5-gram", "Kneser-Ney 5"]
    true = sum(map(sample.log_probability, texts[2])) / len(coded[2][0])
    for logs in found.values():
        assert true - logs.mean() > np.log(1.15)


@pytest.mark.real_data
def test_kneser_ney_has_the_published_perplexity_on_the_penn_treebank(
    public_data, tmp_path
):
    """141.2: Mikolov et al. 2011, and the tables of all later papers."""
    folder = str(public_data("ptb"))

    def load(split):
        bad_records = BadRecords(tmp_path / "bad.csv", 0.0)
        return data.load("ptb", split, folder, "word", bad_records)

    class Model:
        vocabulary = vocabulary.Vocabulary(
            vocabulary.learn(load("train").map(lambda x, y: y), "word", 0),
            "word",
        )

    train, test = (evaluating.tokens(Model, load(s)) for s in ("train", "test"))
    assert (len(train[0]), len(test[0])) == (929_589, 82_430)
    size = Model.vocabulary.size()
    assert size == 10_000
    model = kneser_ney.KneserNey(*train, size, 5)
    perplexity = np.exp(-model.log_probabilities(*test).mean())
    assert abs(perplexity - 141.2) < 0.1
