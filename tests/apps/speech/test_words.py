"""Times and confidences of words against probabilities by hand."""

import numpy as np
import pytest
import tensorflow as tf

from apps.speech.model import words

SYMBOLS = "_ ab"  # The blank, the separator, two letters.
SECONDS = 0.02


def align(paths, transcripts, probability=0.7):
    """Returns the words of transcripts; paths have a symbol for each step."""
    steps = max(map(len, paths))
    probabilities = np.full(
        [len(paths), max(1, steps), len(SYMBOLS)], (1 - probability) / 3, "f4"
    )
    for row, path in enumerate(paths):
        for step, symbol in enumerate(path):
            probabilities[row, step, SYMBOLS.index(symbol)] = probability
    ids = tf.ragged.constant(
        [[SYMBOLS.index(c) for c in text] for text in transcripts], tf.int32
    )
    aligned = words.align(
        tf.math.log(probabilities),
        tf.constant([len(path) for path in paths]),
        ids,
        tf.constant(transcripts),
        SYMBOLS.index(" "),
        SECONDS,
    )
    return words.Words(*(values.numpy() for values in aligned))


def test_words_are_where_their_characters_are_heard():
    answer = align(["__ab__ bb_a", "b" * 11], ["ab ba", "b"])
    assert answer.words.tolist() == [[b"ab", b"ba"], [b"b", b""]]
    np.testing.assert_allclose(
        answer.word_start, SECONDS * np.array([[2, 7], [0, 0]])
    )
    np.testing.assert_allclose(
        answer.word_end, SECONDS * np.array([[4, 11], [11, 0]])
    )
    np.testing.assert_allclose(
        answer.word_confidence, [[0.7, 0.7], [0.7, 0]], rtol=1e-5
    )


def test_the_confidence_is_that_of_the_characters():
    """Of other characters than the likeliest ones, too."""
    answer = align(["_ab_"], ["aa"], probability=0.97)
    assert answer.words.tolist() == [[b"aa"]]
    (confidence,) = answer.word_confidence[0]
    assert 0.01 <= confidence < 0.97


def test_padding_has_no_influence():
    path, text = "_ab_ b", "ab b"
    alone = align([path], [text])
    padded = align([path, "_" * 9], [text, ""])
    for first, second in zip(alone, padded):
        np.testing.assert_array_equal(first[0], second[0])
        assert not second[1].any()


@pytest.mark.parametrize("path", ["", "___"])
def test_a_recording_without_words_has_none(path):
    assert align([path], [""]).words.shape == (1, 0)
