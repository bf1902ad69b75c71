"""The words of the training sources, which byte-pair tokens do not show."""

import keras
import tensorflow as tf

from common.text import word_tokenizer

MAX_WORDS = 50_000
# Scripts without spaces, whose words cannot be told apart here.
# U+30FC and U+FF70 lengthen vowels of katakana.
_UNSPACED = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\x{30FC}\x{FF70}"
    r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+"
)


@keras.saving.register_keras_serializable("unroll")
class KnownWords(word_tokenizer.WordTokenizer):
    """Counts the words of a text that no training source has.

    Example:
      >>> KnownWords(["the", "cook"]).count_unknown(tf.constant(["The fox!"]))
      (1, 2)
    """

    @classmethod
    def learn(
        cls, sources: tf.data.Dataset, start: "KnownWords | None" = None
    ) -> "KnownWords":
        """Returns the most frequent words of a data set of string scalars.

        Args:
          sources: The data set.
          start: Words that are known in any case.
        """
        spaced = sources.map(_without_unspaced)
        known = start.vocabulary if start else ()
        return cls(word_tokenizer.learn_vocabulary(spaced, MAX_WORDS, known))

    def count_unknown(self, text):
        return super().count_unknown(_without_unspaced(text))


def _without_unspaced(text):
    return tf.strings.regex_replace(text, _UNSPACED, " ")
