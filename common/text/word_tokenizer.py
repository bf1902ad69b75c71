"""Tokenizers as Keras layers: raw strings to ids, with TensorFlow ops only."""

import collections

import keras
import tensorflow as tf

# Stands for an empty text; it is in no vocabulary.
_NOTHING = "\N{REPLACEMENT CHARACTER}"


def split_words(text: tf.Tensor) -> tf.RaggedTensor:
    """Splits texts into lower-cased words and single punctuation marks.

    HTML line breaks, control characters and bytes that are not UTF-8 count as
    spaces; "don't" is one word; a symbol or emoji is a word of its own. A text
    without any word gives the replacement character, so no row is empty.

    Args:
      text: string tensor (batch,), UTF-8.

    Returns:
      Ragged string tensor (batch, words).
    """
    text = tf.strings.unicode_transcode(
        text,
        "UTF-8",
        "UTF-8",
        replacement_char=ord(" "),
        replace_control_characters=True,
    )
    text = tf.strings.lower(text, encoding="utf-8")
    text = tf.strings.regex_replace(text, r"<br\s*/?>|[\pZ\pC]+", " ")
    text = tf.strings.regex_replace(
        text, "\N{RIGHT SINGLE QUOTATION MARK}", "'"
    )
    word = r"[\pL\pN\pM]+(?:'\pL+)*"
    text = tf.strings.regex_replace(text, rf"({word}|[^\pL\pN\pM\s])", r" \1 ")
    text = tf.where(tf.strings.strip(text) == "", _NOTHING, text)
    return tf.strings.split(text)


@keras.saving.register_keras_serializable("unroll")
class WordTokenizer(keras.layers.Layer):
    """Turns texts into the ids of their words.

    Id 0 is padding, 1 an unknown word, 2 the first word of the vocabulary.

    Args:
      vocabulary: list of words, as `learn_vocabulary` returns it.
      max_words: int; of a longer text the first and the last `max_words / 2`
        words are read: openings and conclusions say most. None: no limit.

    Call arguments:
      text: string tensor (batch,), UTF-8.

    Returns:
      int64 ragged tensor (batch, words); no row is empty.

    Example:
      >>> WordTokenizer(["the", "end"])(tf.constant(["The END ?"]))
      <tf.RaggedTensor [[2, 3, 1]]>
    """

    def __init__(self, vocabulary, max_words=None, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary = list(vocabulary)
        self.max_words = max_words
        self.lookup = keras.layers.StringLookup(
            vocabulary=self.vocabulary, mask_token=""
        )

    def words(self, text):  # (batch,) -> ragged (batch, words)
        """Returns the words that are read of each text."""
        words = split_words(text)
        if self.max_words is None:
            return words
        head, tail = (self.max_words + 1) // 2, self.max_words // 2
        length = words.row_lengths()
        place = tf.ragged.range(length)
        kept = (place < head) | (place >= length[:, None] - tail)
        return tf.ragged.boolean_mask(words, kept)

    def ids(self, words):  # ragged string -> ragged int64 (batch, words)
        """Returns the ids of words that `words` has returned."""
        return words.with_flat_values(self.lookup(words.flat_values))

    def call(self, text):
        return self.ids(self.words(text))

    def vocabulary_size(self) -> int:
        """Returns the number of ids, padding and unknown words included."""
        return self.lookup.vocabulary_size()

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary": self.vocabulary,
            "max_words": self.max_words,
        }


def learn_vocabulary(texts: tf.data.Dataset, size: int) -> list[str]:
    """Returns the `size` most frequent words; ties in alphabetical order.

    Args:
      texts: data set of string scalars.
      size: int; 0 keeps all.
    """
    counts = collections.Counter()
    batches = texts.batch(1024).map(split_words, tf.data.AUTOTUNE)
    for words in batches:
        counts.update(words.flat_values.numpy())
    counts.pop(_NOTHING.encode(), None)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [word.decode() for word, _ in ordered[: size or None]]
