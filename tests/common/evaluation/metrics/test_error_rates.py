"""Error counts against jiwer, and by hand."""

import hypothesis
import jiwer
import numpy as np
import pytest
from hypothesis import strategies as st

from common.evaluation.metrics import error_rates

TEXTS = st.lists(st.sampled_from("abc"), max_size=8)


def of_jiwer(output):
    return error_rates.Counts(
        output.insertions,
        output.deletions,
        output.substitutions,
        output.hits + output.deletions + output.substitutions,
    )


def assert_equals_jiwer(reference, recognized):
    assert error_rates.counts(
        reference.split(), recognized.split()
    ) == of_jiwer(jiwer.process_words(reference, recognized))
    assert error_rates.counts(reference, recognized) == of_jiwer(
        jiwer.process_characters(reference, recognized)
    )


@pytest.mark.parametrize(
    ("reference", "recognized"),
    [
        ("", ""),
        ("", "one two"),
        ("one two", ""),
        ("one two three", "one three"),
        ("one two", "two one"),
        ("für fünf Äpfel", "fur fünf Äpfel 🍎"),
        ("五 三", "三 五 五"),
    ],
)
def test_counts_are_those_of_jiwer(reference, recognized):
    assert_equals_jiwer(reference, recognized)


@hypothesis.given(TEXTS, TEXTS)
def test_ties_are_resolved_as_by_jiwer(reference, recognized):
    """Texts of three letters have many best alignments."""
    assert_equals_jiwer(" ".join(reference), " ".join(recognized))


def test_long_texts_are_counted_as_by_jiwer():
    """Longer than a machine word, in which rapidfuzz keeps a column."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        reference, recognized = (
            "".join(rng.choice([*"abcdef"], rng.integers(60, 200)))
            for _ in range(2)
        )
        assert_equals_jiwer(reference, recognized)


@hypothesis.given(TEXTS, TEXTS)
def test_an_alignment_has_the_items_of_both_texts(reference, recognized):
    pairs = error_rates.align(reference, recognized)
    assert [first for first, _ in pairs if first] == reference
    assert [second for _, second in pairs if second] == recognized
    assert (None, None) not in pairs


def test_alignment_by_hand():
    pairs = error_rates.align("abc", "bd")
    assert pairs == [("a", None), ("b", "b"), ("c", "d")]
    assert error_rates.counts("ab", "xaby") == (2, 0, 0, 2)


def test_words_and_characters_ignore_further_white_space():
    text = "  zwölf \t Äpfel\n".encode()
    assert error_rates.words(text) == ["zwölf", "Äpfel"]
    assert error_rates.characters(text) == "zwölf Äpfel"
    assert error_rates.words(b"") == []
    assert error_rates.characters(b"a\xff") == "a\N{REPLACEMENT CHARACTER}"
