"""A word tokenizer as a Keras layer: raw strings to ids, in the graph."""

import collections
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from common.text import marks

UNKNOWN = 1  # Id of unknown words.
FIRST = 2  # Id of the first word of the vocabulary.
# The only word of a text without words; never part of a vocabulary.
_NO_WORD = "\N{REPLACEMENT CHARACTER}"


def split_words(text: tf.Tensor) -> tf.RaggedTensor:
    """Splits texts into lower-case words and single punctuation marks.

    HTML line breaks, control characters and bytes that are not UTF-8 count as
    spaces; "don't" is one word; each symbol or emoji is a separate word. A
    text without words gives the replacement character: no row is empty.

    Args:
      text: String tensor (batch,), UTF-8.

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
    text = tf.where(tf.strings.strip(text) == "", _NO_WORD, text)
    return tf.strings.split(text)


@keras.saving.register_keras_serializable("unroll")
class WordTokenizer(keras.layers.Layer):
    """Maps texts to the ids of their words.

    Id 0 is padding, 1 an unknown word, 2 the first word of the vocabulary.

    Args:
      vocabulary: List of words; see `learn_vocabulary`.
      max_words: int; of a longer text, the first and the last `max_words / 2`
        words are read, because openings and conclusions say most. None for no
        limit.

    Call arguments:
      text: String tensor (batch,), UTF-8.

    Returns:
      int64 ragged tensor (batch, words); no row is empty.

    Example:
      >>> WordTokenizer(["the", "end"])(tf.constant(["The END ?"]))
      <tf.RaggedTensor [[2, 3, 1]]>
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        max_words: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.vocabulary = list(vocabulary)
        self.max_words = max_words
        self.lookup = keras.layers.StringLookup(
            vocabulary=self.vocabulary, mask_token=""
        )

    def words(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Returns the words read of each text, ragged (batch, words).

        Args:
          text: String tensor (batch,).
        """
        words = split_words(text)
        if self.max_words is None:
            return words
        head, tail = (self.max_words + 1) // 2, self.max_words // 2
        length = words.row_lengths()
        # Of flat values: TensorFlow traces a comparison of ragged tensors to
        # hundreds of operations.
        place = tf.ragged.range(length).flat_values
        kept = (place < head) | (place >= tf.repeat(length, length) - tail)
        return tf.RaggedTensor.from_row_lengths(
            tf.boolean_mask(words.flat_values, kept),
            tf.minimum(length, self.max_words),
            validate=False,
        )

    def ids(self, words: tf.RaggedTensor) -> tf.RaggedTensor:
        """Returns the ids of words, int64 ragged (batch, words).

        Args:
          words: See the method `words`.
        """
        return words.with_flat_values(self.lookup(words.flat_values))

    def count_unknown(self, text: tf.Tensor) -> tuple[int, int]:
        """Returns the number of unknown words and of all words of texts.

        Punctuation does not count.

        Args:
          text: String tensor (batch,).
        """
        words = self.words(text).flat_values
        words = words[tf.strings.regex_full_match(words, r".*[\pL\pN].*")]
        unknown = tf.math.count_nonzero(self.lookup(words) == UNKNOWN)
        return int(unknown), len(words)

    def call(self, text):
        return self.ids(self.words(text))

    def vocabulary_size(self) -> int:
        """Returns the number of ids, padding and unknown words included."""
        return self.lookup.vocabulary_size()

    def row_names(self) -> list[str | marks.Mark]:
        """Returns a name for each id: its word, or a mark."""
        return [marks.Mark.PADDING, marks.Mark.UNKNOWN, *self.vocabulary]

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary": self.vocabulary,
            "max_words": self.max_words,
        }


def learn_vocabulary(
    texts: tf.data.Dataset, size: int, known: Sequence[str] = ()
) -> list[str]:
    """Returns the `size` most frequent words; ties in alphabetical order.

    Args:
      texts: Data set of string scalars.
      size: Maximum number of words; 0 for no limit.
      known: Words that come first, and do not count; those of the texts that
        are not among them follow.
    """
    counts: collections.Counter = collections.Counter()
    batches = texts.batch(1024).map(split_words, tf.data.AUTOTUNE)
    for words in batches:
        counts.update(words.flat_values.numpy())
    counts.pop(_NO_WORD.encode(), None)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return extended(known, [w.decode() for w, _ in ordered[: size or None]])


def extended(known: Sequence[str], words: Sequence[str]) -> list[str]:
    """Returns a vocabulary, and behind it the words that it lacks."""
    return list(dict.fromkeys([*known, *words]))
