"""Interpolated n-grams, and the table of all n-gram models."""

import numpy as np
import pytest

from apps.language_model.baselines import interpolation
from apps.language_model.baselines import ngram_models
from apps.language_model.config import LanguageModelConfig
from apps.language_model.data import DATASETS
from apps.language_model.data import grammar
from apps.language_model.model import vocabulary
from common.data.records import BadRecords
from common.text.ngrams import kneser_ney
from common.text.ngrams import tokenized_text
from common.text.ngrams.tokenized_text import TokenizedText
from tests.common.text.ngrams.tiny import END
from tests.common.text.ngrams.tiny import TINY
from tests.common.text.ngrams.tiny import A
from tests.common.text.ngrams.tiny import B
from tests.common.text.ngrams.tiny import check_probabilities_add_up_to_one
from tests.common.text.ngrams.tiny import probability
from tests.common.text.ngrams.tiny import random_text


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_probabilities_of_all_tokens_add_up_to_one(order):
    rng, size = np.random.default_rng(0), 7
    train = random_text(rng, 200, size)
    held_out = random_text(rng, 50, size)
    model = interpolation.Interpolation(train, size, order, held_out)
    check_probabilities_add_up_to_one(model, size)


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
