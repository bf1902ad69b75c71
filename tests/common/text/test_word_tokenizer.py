"""Texts become words and ids, whatever bytes they contain."""

import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from common.text import marks
from common.text import word_tokenizer


def words(string):
    (row,) = word_tokenizer.split_words(tf.constant([string])).to_list()
    return [word.decode() for word in row]


@pytest.mark.parametrize(
    ("string", "expected"),
    [
        ("Don't GO!", ["don't", "go", "!"]),
        ("It’s 3.5/10", ["it's", "3", ".", "5", "/", "10"]),
        ("good<br /><br/><BR>bad", ["good", "bad"]),
        ("ÉCLAIR\u00a0Straße", ["éclair", "straße"]),
        ("ok😀😀", ["ok", "😀", "😀"]),
        ("a\x00b\tc", ["a", "b", "c"]),
        (b"caf\xe9 \xff", ["caf"]),
        ("'quoted'", ["'", "quoted", "'"]),
        ("", ["\N{REPLACEMENT CHARACTER}"]),
        (" \n\u200b", ["\N{REPLACEMENT CHARACTER}"]),
    ],
)
def test_words_and_symbols_are_separated(string, expected):
    assert words(string) == expected


@settings(max_examples=50)
@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4))
def test_any_bytes_give_valid_words_the_same_alone_as_in_a_batch(strings):
    rows = word_tokenizer.split_words(tf.constant(strings)).to_list()
    for string, row in zip(strings, rows):
        assert row
        assert all(word.decode().strip() == word.decode() for word in row)
        assert word_tokenizer.split_words(tf.constant([string])).to_list() == [
            row
        ]


def test_ids_count_from_two_and_one_is_unknown():
    tokenize = word_tokenizer.WordTokenizer(["the", "end"])
    ids = tokenize(tf.constant(["The end?", "END"]))
    assert ids.to_list() == [[2, 3, 1], [3]]
    assert tokenize.vocabulary_size() == 4


@pytest.mark.parametrize("limit", [2, 3, 4, 7])
def test_of_long_texts_head_and_tail_are_read(limit):
    vocabulary = list("abcdefgh")
    tokenize = word_tokenizer.WordTokenizer(vocabulary, max_words=limit)
    texts = tf.constant(["a b c d e f g h", "a b", "a b c d e"])
    for row, string in zip(tokenize(texts).to_list(), texts.numpy()):
        given = string.decode().split()
        if len(given) > limit:
            head, tail = (limit + 1) // 2, limit // 2
            given = given[:head] + given[len(given) - tail :]
        assert [vocabulary[i - 2] for i in row] == given


def test_the_vocabulary_is_ordered_by_frequency_then_alphabet():
    texts = tf.data.Dataset.from_tensor_slices(["b a c c", "b a d", "", "c"])
    assert word_tokenizer.learn_vocabulary(texts, 0) == ["c", "a", "b", "d"]
    assert word_tokenizer.learn_vocabulary(texts, 2) == ["c", "a"]


def test_unknown_words_are_counted_and_punctuation_is_not():
    tokenize = word_tokenizer.WordTokenizer(["the", "end", "3"])
    texts = tf.constant(["The END ?!", "", "Das Ende: 3"])
    assert tokenize.count_unknown(texts) == (2, 5)
    assert tokenize.count_unknown(tf.constant([""])) == (0, 0)


def test_a_known_vocabulary_is_extended():
    texts = tf.data.Dataset.from_tensor_slices(["b b a", "b a c"])
    learned = word_tokenizer.learn_vocabulary(texts, 2, ["z", "a"])
    assert learned == ["z", "a", "b"]
    tokenizer = word_tokenizer.WordTokenizer(learned)
    assert tokenizer.row_names() == [*marks.Mark][:2] + [*"zab"]
    assert tokenizer(tf.constant(["b ?"])).to_list() == [[4, 1]]
