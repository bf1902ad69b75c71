"""Transcripts have one form of writing."""

import unicodedata

import hypothesis
import pytest
from hypothesis import strategies

from common.text import transcripts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Printing, in the only sense.", "printing in the only sense"),
        ("HE HOPED THERE'D BE STEW", "he hoped there'd be stew"),
        ("It\u2019s \u201cdon\u2019t\u201d!", "it's don't"),
        ("the dogs' house, 'tis", "the dogs' house 'tis"),
        ("rock ' roll", "rock roll"),
        ("a well-known man\u2014he", "a well known man he"),
        ("  two \t words\n", "two words"),
        ("U.S. and e.g.", "u s and e g"),
        ("5 % of $3", "5 of 3"),
        ("Stra\u00dfe \u00c4RGER", "stra\u00dfe \u00e4rger"),
        ("A\u0308rger", "\u00e4rger"),
        ("soft\u00adware\ufeff", "software"),
        ("\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", None),
        ("\u4f60\u597d\u3002", "\u4f60\u597d"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", None),
        ("", ""),
        (" \n", ""),
    ],
)
def test_a_transcript_has_words_in_lower_case(text, expected):
    expected = text if expected is None else expected
    assert transcripts.normalize(text) == expected


def test_a_text_without_letters_is_not_silence():
    with pytest.raises(ValueError, match=r"'\.\.\.' has no letters"):
        transcripts.normalize("...")


@hypothesis.given(strategies.text())
def test_what_is_normalized_stays(text):
    try:
        words = transcripts.normalize(text)
    except ValueError:
        return
    assert transcripts.normalize(words) == words
    assert words == " ".join(words.split())
    assert unicodedata.is_normalized("NFC", words)
