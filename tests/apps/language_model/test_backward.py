"""Models that read texts from the last token to the first."""

import numpy as np
import pytest
import tensorflow as tf

from apps.language_model.cli import spelling
from apps.language_model.data import text as text_lib
from apps.language_model.model import vocabulary
from tests.apps.language_model import tiny

LINE, REVERSED = "the dog said", "said dog the"


@pytest.fixture(scope="module")
def models():
    """Two models with the same weights: one reads backward."""
    return tiny.build_model(), tiny.build_model(backward=True)


def test_ids_are_in_the_order_of_reading():
    words = vocabulary.Vocabulary(tiny.WORDS, "word", backward=True)
    ids = words(tf.constant(["the dog\nsaid", ""]))
    assert ids.to_list() == [[8, 1, 3, 2], []]
    assert words.join(ids).numpy().tolist() == [b"the dog\nsaid", b""]
    assert words.lines(tf.constant(["the dog"])).to_list() == [[3, 2, 1]]
    config = vocabulary.Vocabulary.from_config(words.get_config())
    assert config.backward


@pytest.mark.usefixtures("eager")
def test_the_score_is_that_of_the_reversed_text(models):
    forward, backward = models
    expected = forward.scorer.score(tf.constant([LINE]))
    actual = backward.scorer.score(tf.constant([REVERSED]))
    for name, value in expected.items():
        assert actual[name].numpy() == value.numpy()
    _, *expected = forward.scorer.score_tokens(tf.constant(LINE)).values()
    parts, *actual = backward.scorer.score_tokens(
        tf.constant(REVERSED)
    ).values()
    assert parts.numpy().tolist() == [b"said", b"dog", b"the"]
    for values, (*by_token, end) in zip(actual, expected):
        np.testing.assert_array_equal(values, [*by_token[::-1], end])


@pytest.mark.usefixtures("eager")
def test_texts_are_continued_to_the_left(models):
    forward, backward = models
    options = {"temperature": tf.constant(0.0), "length": tf.constant(6)}
    expected = forward.writer.generate(tf.constant(["the dog", ""]), **options)
    actual = backward.writer.generate(tf.constant(["dog the", ""]), **options)
    for a, b in zip(actual["text"].numpy(), expected["text"].numpy()):
        assert b
        assert (
            a.replace(b"\n", b" ").split()
            == (b.replace(b"\n", b" ").split()[::-1])
        )
    assert actual["text"].numpy()[0].endswith(b"dog the")


def test_spelling_is_corrected_by_the_words_after_it(models):
    forward, backward = models
    for line in ("teh dog sadi", "dogs brk near"):
        corrected = spelling.correct(forward, line).split()
        reversed_line = " ".join(line.split()[::-1])
        assert (
            spelling.correct(backward, reversed_line).split()
            == (corrected[::-1])
        )


@pytest.mark.parametrize(
    ("level", "first", "second"),
    [("word", "a b", "d e"), ("character", "a b ", " d e")],
)
def test_a_prefix_is_the_half_that_is_read_first(level, first, second):
    assert text_lib.half("a b c d e", level) == first
    assert text_lib.half("a b c d e", level, second=True) == second
