"""Byte-pair encoding merges pairs in the order in which they were learned."""

import tensorflow as tf

from common.text import byte_pair_tokenizer

A, B, C = (3 + ord(letter) for letter in "abc")


def tokens(tokenizer, text):
    ids = tokenizer(tf.constant([text]))[0]
    return [token.decode() for token in tokenizer.strings(ids).numpy()]


def test_the_pair_of_the_lowest_rank_is_merged_first():
    # "ab" has rank 0, "bc" 1, "abc" 2.
    tokenizer = byte_pair_tokenizer.Subwords([(A, B), (B, C), (259, C)])
    assert tokens(tokenizer, "abc") == [" ", "abc"]
    assert tokens(tokenizer, "bcab") == [" ", "bc", "ab"]
    assert tokens(tokenizer, "aab") == [" ", "a", "ab"]


def test_equal_letters_are_merged_from_the_left():
    tokenizer = byte_pair_tokenizer.Subwords([(A, A)])
    assert tokens(tokenizer, "aaa") == [" ", "aa", "a"]


def test_two_pairs_may_make_the_same_token():
    tokenizer = byte_pair_tokenizer.Subwords(
        [(A, B), (B, C), (259, C), (A, 260)]
    )
    assert tokenizer.vocabulary_size() == 262
    assert tokens(tokenizer, "abc") == [" ", "abc"]


def test_numbers_are_read_digit_by_digit():
    counts = {b" 1987": 50, b" ab": 50, b" 87": 50}
    tokenizer = byte_pair_tokenizer.Subwords.learn(counts, 300)
    assert tokens(tokenizer, "1987 ab 7") == [
        *(" ", "1", "9", "8", "7", " ab", " ", "7")
    ]
