"""N-gram counts, and the models that are made of them."""

import numpy as np
import pytest

from apps.language_model.baselines import interpolation
from apps.language_model.baselines import kneser_ney
from apps.language_model.baselines import ngram_counts
from apps.language_model.baselines import ngram_models
from apps.language_model.config import LanguageModelConfig
from apps.language_model.data import DATASETS
from apps.language_model.data import grammar
from apps.language_model.model import tokenized_text
from apps.language_model.model import vocabulary
from apps.language_model.model.tokenized_text import TokenizedText
from common.data.records import BadRecords

A, B, END = 0, 1, 2
# "a b", and "a".
TINY = TokenizedText(np.array([A, B, END, A, END]), np.array([3, 2]))


def probability(model, *line):
    """Returns the probability of the last token of a line."""
    text = TokenizedText(np.array(line), np.array([len(line)]))
    return float(np.exp(model.log_probabilities(text)[-1]))


def random_text(rng, lines, size):
    """Returns lines in which a token depends on the one before it."""
    lengths = rng.integers(1, 9, lines)
    ids = (rng.integers(0, 3, lengths.sum()).cumsum() ** 2) % size
    return TokenizedText(ids, lengths)


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
    assert probability(model, *line) == pytest.approx(expected)


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
    assert probability(model, *line) == pytest.approx(expected)


def test_discounts_by_hand():
    counts = np.array([1] * 4 + [2] * 2 + [3, 4, 9])
    # Y = 4 / (4 + 2 * 2) = 1/2.
    np.testing.assert_allclose(kneser_ney.discounts(counts), [0, 0.5, 1.25, 1])


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_probabilities_of_all_tokens_add_up_to_one(order):
    rng, size = np.random.default_rng(0), 7
    train = random_text(rng, 200, size)
    held_out = random_text(rng, 50, size)
    models = [
        kneser_ney.KneserNey(train, size, order),
        interpolation.Interpolation(train, size, order, held_out),
    ]
    ids, lengths = random_text(rng, 10, size)
    starts = np.cumsum(lengths) - lengths
    for start, length in zip(starts, lengths):
        history = ids[start : start + length - 1].tolist()
        for model in models:
            total = sum(probability(model, *history, w) for w in range(size))
            assert total == pytest.approx(1)


def test_interpolation_by_hand():
    model = interpolation.Interpolation(TINY, 3, 2, TINY)
    model.weights = np.array([0.1, 0.3, 0.6])
    p = probability(model, A, B)
    assert p == pytest.approx(0.1 / 3 + 0.3 * 1 / 5 + 0.6 * 1 / 2)
    # An end is never a history: the weight of bigrams is spread.
    p = probability(model, END, A)
    assert p == pytest.approx((0.1 / 3 + 0.3 * 2 / 5) / 0.4)


def test_weights_maximize_the_likelihood_of_the_held_out_text():
    rng, size = np.random.default_rng(1), 20
    train = random_text(rng, 300, size)
    held_out = random_text(rng, 300, size)
    model = interpolation.Interpolation(train, size, 2, held_out)
    best = model.log_probabilities(held_out).mean()
    for weights in ([0.3, 0.3, 0.4], [0.0, 0.5, 0.5], [0.01, 0.9, 0.09]):
        model.weights = np.array(weights)
        assert model.log_probabilities(held_out).mean() <= best


def test_the_weights_of_n_grams_are_fitted_to_the_validation_text():
    rng, size = np.random.default_rng(2), 9
    train, valid, test = (random_text(rng, n, size) for n in (50, 20, 20))
    by_model = ngram_models.log_probabilities(train, valid, test, size, 3)
    for name, n in ("unigram", 1), ("bigram", 2), ("3-gram", 3):
        model = interpolation.Interpolation(train, size, n, valid)
        expected = model.log_probabilities(test)
        np.testing.assert_array_equal(by_model[name], expected)


def test_n_grams_stay_far_above_the_floor_of_the_sample():
    lines = [grammar.lines(n, str(n)) for n in (4000, 500, 501)]
    ids = {}
    texts = []
    for split in lines:
        words = [[*line.split(), ""] for line in split]
        numbers = [ids.setdefault(w, len(ids)) for ws in words for w in ws]
        lengths = np.array([*map(len, words)])
        texts.append(TokenizedText(np.array(numbers), lengths))
    by_model = ngram_models.log_probabilities(*texts, len(ids), 5)
    assert [*by_model] == ["unigram", "bigram", "5-gram", "Kneser-Ney 5"]
    true = sum(map(grammar.log_probability, lines[2])) / len(texts[2].ids)
    for log_probabilities in by_model.values():
        assert true - log_probabilities.mean() > np.log(1.15)


@pytest.mark.real_data
@pytest.mark.slow
def test_kneser_ney_has_the_published_perplexity_on_the_penn_treebank(
    public_data, tmp_path
):
    """141.2: Mikolov et al. 2011, and the tables of all later papers."""
    config = LanguageModelConfig(data_dir=str(public_data("ptb")))
    dataset = DATASETS["ptb"](config, BadRecords(tmp_path / "bad.csv", 0.0))
    lines = dataset.examples("train").map(lambda x, y: y["text"])
    words = vocabulary.Vocabulary(vocabulary.learn(lines, "word", 0), "word")
    train, test = (
        tokenized_text.tokenize(
            dataset.examples(split), lambda x, y: words.lines(y["text"])
        )
        for split in ("train", "test")
    )
    assert (len(train.ids), len(test.ids)) == (929_589, 82_430)
    assert words.size() == 10_000
    model = kneser_ney.KneserNey(train, words.size(), 5)
    perplexity = np.exp(-model.log_probabilities(test).mean())
    assert abs(perplexity - 141.2) < 0.1
