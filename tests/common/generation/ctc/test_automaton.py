"""Automata of word lists and n-gram models score texts exactly."""

import itertools

import numpy as np
import pytest

from common import errors
from common.generation.ctc import automaton as automaton_lib
from common.generation.ctc import ngram_automaton
from common.text.ngrams import kneser_ney
from common.text.ngrams.tokenized_text import TokenizedText
from tests.common.generation.ctc.references import automaton_score
from tests.common.text.ngrams import tiny

CHARACTERS = "ab "


def texts_up_to(length):
    for n in range(length + 1):
        yield from itertools.product((1, 2, 3), repeat=n)


def spelled(tokens):
    return "".join(CHARACTERS[token - 1] for token in tokens)


def test_only_listed_words_are_allowed():
    words = {"a", "ab", "bb"}
    automaton = automaton_lib.from_words(["ab", "a", "bb", "a"], CHARACTERS)
    allowed = {
        spelled(tokens)
        for tokens in texts_up_to(6)
        if automaton_score(automaton, tokens) == 0
    }
    assert allowed == {
        text
        for text in map(spelled, texts_up_to(6))
        if not text or set(text.split(" ")) <= words
    }


def test_beginnings_of_listed_words_are_not_forbidden():
    automaton = automaton_lib.from_words(["abb"], CHARACTERS)
    allowed = {
        spelled(tokens)
        for tokens in texts_up_to(5)
        if automaton_score(automaton, tokens, ends=False) == 0
    }
    assert allowed == {"", "a", "ab", "abb", "abb ", "abb a"}


def test_without_a_separator_a_text_has_one_word():
    automaton = automaton_lib.from_words(["ab", "b"], "ab")
    pairs = itertools.product((1, 2), repeat=3)
    assert not any(automaton_score(automaton, p) == 0 for p in pairs)
    assert automaton_score(automaton, (1, 2)) == 0


@pytest.mark.parametrize("word", ["aß", "a b"])
def test_names_a_word_that_the_model_cannot_write(word):
    with pytest.raises(errors.UserError, match=f"'{word}' has the character"):
        automaton_lib.from_words(["ab", word], CHARACTERS)


def test_refuses_an_empty_list():
    with pytest.raises(errors.UserError, match="no words"):
        automaton_lib.from_words(["", ""], CHARACTERS)


def test_words_are_counted():
    automaton = automaton_lib.count_words(CHARACTERS)
    for tokens in texts_up_to(5):
        words = spelled(tokens).split()
        assert automaton_score(automaton, tokens) == len(words)


def kneser_ney_score(model, ids):
    """Returns the log probability of a line."""
    text = TokenizedText(np.array(ids), np.array([len(ids)]))
    return model.log_probabilities(text).sum()


def model_of(order, size=6, lines=60):
    """Returns a model of lines that end with their own token, `size - 1`."""
    ids, lengths = tiny.random_text(np.random.default_rng(0), lines, size - 1)
    ids[np.cumsum(lengths) - 1] = size - 1
    return kneser_ney.KneserNey(TokenizedText(ids, lengths), size, order)


def random_lines(number, tokens):
    rng = np.random.default_rng(1)
    return [rng.integers(1, tokens + 1, n % 9) for n in range(number)]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_an_n_gram_automaton_has_the_probabilities_of_its_model(order):
    model, ids, end = model_of(order), [3, 1, 4, 0, 2], 5
    automaton = ngram_automaton.from_kneser_ney(model, ids, end)
    for tokens in random_lines(60, len(ids)):
        line = [*(ids[token - 1] for token in tokens), end]
        score = automaton_score(automaton, tokens)
        assert score == pytest.approx(kneser_ney_score(model, line), rel=1e-6)


def test_states_are_the_histories_that_occur():
    # "a b" and "a": the histories "", "<s>", "a", "b", "<s> a", "a b".
    model = kneser_ney.KneserNey(tiny.TINY, 3, 3)
    automaton = ngram_automaton.from_kneser_ney(model, [0, 1], 2)
    assert automaton.log_probs.shape == (6, 3)


@pytest.mark.parametrize("states", [2, 5, 7, 16])
def test_a_bounded_automaton_has_distributions_and_begins_exactly(states):
    model, ids, end = model_of(3), range(5), 5
    bounded = ngram_automaton.from_kneser_ney(model, ids, end, states)
    assert len(bounded.final) == states
    assert bounded.next_states.max() < states
    for log_probs, final in zip(bounded.log_probs, bounded.final):
        total = np.exp(log_probs[1:]).sum() + np.exp(final)
        assert total == pytest.approx(1, rel=1e-5)
    for token in range(5):
        score = kneser_ney_score(model, [token])
        assert bounded.log_probs[0, token + 1] == pytest.approx(score)


def log_probs_after(automaton, *tokens):
    state = 0
    for token in tokens:
        state = automaton.next_states[state, token]
    return automaton.log_probs[state].tolist()


def test_a_bounded_automaton_keeps_the_most_frequent_long_history():
    """All five short histories, and one of two tokens: 38 times 5 5."""
    model = model_of(3)
    full = ngram_automaton.from_kneser_ney(model, range(5), 5)
    bounded = ngram_automaton.from_kneser_ney(model, range(5), 5, 6)
    after = log_probs_after
    assert after(full, 5, 5) == after(bounded, 5, 5) != after(full, 5)
    assert after(full, 2, 2) != after(bounded, 2, 2) == after(bounded, 5, 2)


def test_a_bound_below_two_is_refused():
    with pytest.raises(ValueError, match="at least 2, got 1"):
        ngram_automaton.from_kneser_ney(model_of(2), range(5), 5, 1)
