"""Tokenizers: nothing is lost, and what is frequent is one token."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from common.text import byte_pair_tokenizer
from common.text import learned_tokenizers

TEXTS = [
    "low lower lowest, and low again.",
    "new newer newest: 1987, 1988, 1989!",
    "wide wider widest; ältere Bücher, größere Bücher.",
    "low low new new wide wide",
]
ODD = [
    "",
    " ",
    "  two  spaces ",
    "a\tb\nc\r\n",
    "NUL\0inside\0",
    "中文, русский, 😀",
    "Vraiment\N{NARROW NO-BREAK SPACE}?",
    "x" * 1000,
    "!" * 100 + " " * 100,
]


def dataset(texts):
    return tf.data.Dataset.from_tensor_slices(tf.constant(texts))


@pytest.fixture(scope="module", params=learned_tokenizers.KINDS)
def tokenizer(request):
    return learned_tokenizers.learn(request.param, dataset(TEXTS), 320)


def back_and_forth(tokenizer, texts):
    ids = tokenizer(tf.constant(texts, tf.string))
    return [t.decode() for t in tokenizer.join(ids.to_tensor()).numpy()]


def test_to_join_the_tokens_gives_the_text_back(tokenizer):
    texts = [*TEXTS, *ODD]
    assert back_and_forth(tokenizer, texts) == texts


@settings(max_examples=100, deadline=None, derandomize=True)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text_comes_back(tokenizer, text):
    assert back_and_forth(tokenizer, [text, text + text]) == [text, text + text]


def test_bytes_that_are_no_text_become_the_replacement_character(tokenizer):
    ids = tokenizer(tf.constant([b"a\xffb"]))
    joined = tokenizer.join(ids.to_tensor())[0].numpy().decode()
    assert joined == "a\N{REPLACEMENT CHARACTER}b"


def test_a_text_alone_has_the_tokens_that_it_has_in_a_batch(tokenizer):
    texts = tf.constant([*TEXTS, *ODD])
    together = tokenizer(texts)
    for i, row in enumerate(together):
        alone = tokenizer(texts[i : i + 1])[0]
        np.testing.assert_array_equal(alone, row)


def test_no_text_makes_no_rows(tokenizer):
    assert tokenizer(tf.constant([], tf.string)).shape[0] == 0
    assert tokenizer(tf.constant([""])).row_lengths().numpy() == [0]


def test_it_is_saved_with_what_it_learned(tokenizer, tmp_path):
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(tokenizer)
    )
    assert again.tokens == tokenizer.tokens
    texts = tf.constant(TEXTS)
    module = tf.Module()
    module.tokenizer = tokenizer
    module.serve = tf.function(
        lambda text: {"text": tokenizer.join(tokenizer(text).to_tensor())},
        input_signature=[tf.TensorSpec([None], tf.string, "text")],
    )
    tf.saved_model.save(module, tmp_path, {"serving_default": module.serve})
    serve = tf.saved_model.load(tmp_path).signatures["serving_default"]
    np.testing.assert_array_equal(serve(text=texts)["text"], texts)


def test_the_same_texts_make_the_same_tokens(tokenizer):
    kind = {v: k for k, v in learned_tokenizers.KINDS.items()}[type(tokenizer)]
    again = learned_tokenizers.learn(kind, dataset(TEXTS), 320)
    assert again.tokens == tokenizer.tokens
    assert again.vocabulary_size() <= 320


def tokens(tokenizer, text):
    ids = tokenizer(tf.constant([text]))[0]
    return [token.decode() for token in tokenizer.strings(ids).numpy()]


def test_merges_by_hand():
    # "ab" has rank 0, "bc" 1, "abc" 2: the lowest goes first.
    a, b, c = (3 + ord(letter) for letter in "abc")
    tokenizer = byte_pair_tokenizer.Subwords([(a, b), (b, c), (259, c)])
    assert tokens(tokenizer, "abc") == [" ", "abc"]
    assert tokens(tokenizer, "bcab") == [" ", "bc", "ab"]
    assert tokens(tokenizer, "aab") == [" ", "a", "ab"]


def test_equal_letters_are_merged_from_the_left():
    a = 3 + ord("a")
    tokenizer = byte_pair_tokenizer.Subwords([(a, a)])
    assert tokens(tokenizer, "aaa") == [" ", "aa", "a"]


def test_two_pairs_may_make_the_same_token():
    a, b, c = (3 + ord(letter) for letter in "abc")
    tokenizer = byte_pair_tokenizer.Subwords(
        [(a, b), (b, c), (259, c), (a, 260)]
    )
    assert tokenizer.vocabulary_size() == 262
    assert tokens(tokenizer, "abc") == [" ", "abc"]


def test_merges_are_those_of_the_library_that_learned_them():
    tokenizer = learned_tokenizers.learn("subwords", dataset(TEXTS), 300)
    words = tokens(tokenizer, "low new wide")
    assert words == [" low", " new", " wide"]
    assert len(tokens(tokenizer, "lower")) < len(" lower")


def test_words_that_are_known_are_one_token_and_others_are_bytes():
    tokenizer = learned_tokenizers.learn("words", dataset(TEXTS), 300)
    assert tokens(tokenizer, "low cat") == [" low", *" cat"]


def test_characters_that_are_known_are_one_token():
    tokenizer = learned_tokenizers.learn("characters", dataset(["äää ßß", "ä"]), 300)
    assert tokens(tokenizer, "äß") == [" ", "ä", "ß"]
    assert len(tokenizer(tf.constant(["é"]))[0]) == 3  # A space, and two bytes.
