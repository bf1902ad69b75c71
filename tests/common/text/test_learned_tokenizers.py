"""Tokenizers lose nothing, and frequent pieces are one token."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from common.text import learned_tokenizers
from tests import variants

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


@pytest.fixture(
    scope="module",
    params=variants.extended(
        learned_tokenizers.KINDS, "characters", "subwords"
    ),
)
def tokenizer(request):
    return learned_tokenizers.learn(request.param, dataset(TEXTS), 320)


@pytest.fixture(scope="module")
def round_trip(tokenizer):
    """A compiled function from texts to tokens, and to the joined tokens."""

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, "text")],
        autograph=False,
    )
    def joined(text):
        tokens = tokenizer(text).to_tensor()
        return {"tokens": tokens, "text": tokenizer.join(tokens)}

    return joined


def joined(round_trip, texts):
    return [
        text.decode() for text in round_trip(tf.constant(texts))["text"].numpy()
    ]


def test_joining_the_tokens_gives_the_text_back(round_trip):
    texts = [*TEXTS, *ODD]
    assert joined(round_trip, texts) == texts


@settings(max_examples=50)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text_is_given_back(round_trip, text):
    assert joined(round_trip, [text, text + text]) == [text, text + text]


def test_invalid_bytes_become_the_replacement_character(round_trip):
    assert joined(round_trip, [b"a\xffb"]) == ["a\N{REPLACEMENT CHARACTER}b"]


def test_a_text_alone_has_the_same_tokens_as_in_a_batch(round_trip):
    texts = tf.constant([*TEXTS, *ODD])
    together = round_trip(texts)["tokens"].numpy()
    for i, row in enumerate(together):
        alone = round_trip(texts[i : i + 1])["tokens"].numpy()[0]
        np.testing.assert_array_equal(alone, row[: len(alone)])
        assert not row[len(alone) :].any()


def test_empty_texts_have_no_tokens(tokenizer):
    assert tokenizer(tf.constant([], tf.string)).shape[0] == 0
    assert tokenizer(tf.constant([""])).row_lengths().numpy() == [0]


def test_it_is_saved_with_its_tokens(tokenizer, round_trip, tmp_path):
    loaded = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(tokenizer)
    )
    assert loaded.tokens == tokenizer.tokens
    module = tf.Module()
    module.tokenizer = tokenizer
    concrete = round_trip.get_concrete_function()  # It is traced once.
    tf.saved_model.save(module, tmp_path, {"serving_default": concrete})
    serve = tf.saved_model.load(tmp_path).signatures["serving_default"]
    texts = tf.constant(TEXTS)
    np.testing.assert_array_equal(serve(text=texts)["text"], texts)


def test_equal_texts_make_equal_tokens(tokenizer):
    kinds = {cls: kind for kind, cls in learned_tokenizers.KINDS.items()}
    equal = learned_tokenizers.learn(
        kinds[type(tokenizer)], dataset(TEXTS), 320
    )
    assert equal.tokens == tokenizer.tokens
    assert equal.vocabulary_size() <= 320


def tokens(tokenizer, text):
    ids = tokenizer(tf.constant([text]))[0]
    return [token.decode() for token in tokenizer.strings(ids).numpy()]


def test_frequent_sequences_of_bytes_are_one_token():
    tokenizer = learned_tokenizers.learn("subwords", dataset(TEXTS), 300)
    words = tokens(tokenizer, "low new wide")
    assert words == [" low", " new", " wide"]
    assert len(tokens(tokenizer, "lower")) < len(" lower")


def test_frequent_words_are_one_token_and_other_words_are_bytes():
    tokenizer = learned_tokenizers.learn("words", dataset(TEXTS), 300)
    assert tokens(tokenizer, "low cat") == [" low", *" cat"]


def test_frequent_characters_are_one_token():
    texts = dataset(["äää ßß", "ä"])
    tokenizer = learned_tokenizers.learn("characters", texts, 300)
    assert tokens(tokenizer, "äß") == [" ", "ä", "ß"]
    assert len(tokenizer(tf.constant(["é"]))[0]) == 3  # A space and two bytes.


OTHER = ["zebra zebra low", "Ödland Ödland"]


@pytest.mark.parametrize(
    "kind", variants.extended(["words", "characters"], "characters")
)
def test_a_known_tokenizer_is_extended(kind):
    start = learned_tokenizers.learn(kind, dataset(TEXTS), 320)
    extended = learned_tokenizers.learn(kind, dataset(OTHER), 320, start)
    assert extended.tokens[: len(start.tokens)] == start.tokens
    further = extended.tokens[len(start.tokens) :]
    expected = [b" zebra", "  Ödland".encode()[1:]]
    assert set(further) == (
        set(expected) if kind == "words" else {"Ö".encode()}
    )
    names = extended.row_names()
    assert names[:4] == [0, 1, 2, b"\0"]
    assert len(names) == len(set(names)) == extended.vocabulary_size()


@pytest.mark.extended
def test_subwords_stay_as_they_are():
    start = learned_tokenizers.learn("subwords", dataset(TEXTS), 320)
    other = learned_tokenizers.learn("subwords", dataset(OTHER), 320, start)
    assert other is not start
    assert other.get_config()["merges"] == start.get_config()["merges"]


@pytest.mark.extended
def test_a_tokenizer_of_another_kind_is_not_extended():
    start = learned_tokenizers.learn("characters", dataset(TEXTS), 320)
    words = learned_tokenizers.learn("words", dataset(OTHER), 320, start)
    alone = learned_tokenizers.learn("words", dataset(OTHER), 320)
    assert type(words) is type(alone) and words.tokens == alone.tokens
