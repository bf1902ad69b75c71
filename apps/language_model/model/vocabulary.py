"""Text to tokens and back."""

import collections

import keras
import tensorflow as tf

from common.text import marks

UNKNOWN, END = 0, 1  # Ids of unknown tokens and of the end of a line.
FIRST = 2  # Id of the first token of the vocabulary.
MARKS = {"word": "<eos>", "character": "\n"}  # The end of a line, as text.


@keras.saving.register_keras_serializable("unroll")
class Vocabulary(keras.layers.Layer):
    r"""Turns texts into ids of words or characters, and back.

    Words are separated by white space: other languages and punctuation need
    tokenization before. Bytes that are not UTF-8 become the replacement
    character. Id 0 is the unknown token, 1 the end of a line, 2 the first
    token of the vocabulary; there is no padding.

    Args:
      tokens: List of words or characters; see `learn`.
      level: "word" or "character".
      backward: Whether texts are read from the last token to the first.

    Call arguments:
      text: string tensor (batch,).

    Returns:
      int32 ragged tensor (batch, tokens), in the order in which they are
      read; a line break becomes an end.

    Example:
      >>> Vocabulary(["a", "b"], "word")(tf.constant(["b a\nc"]))
      <tf.RaggedTensor [[3, 2, 1, 0]]>
    """

    def __init__(self, tokens, level, backward=False, **kwargs):
        super().__init__(**kwargs)
        self.tokens, self.level = list(tokens), level
        self.backward = backward
        self.lookup = keras.layers.StringLookup(
            vocabulary=[MARKS[level], *self.tokens], oov_token="<unk>"
        )

    def size(self) -> int:
        """Returns the number of ids."""
        return FIRST + len(self.tokens)

    def row_names(self) -> list[str | marks.Mark]:
        """Returns a name for each id: its token, or a mark."""
        return [marks.Mark.UNKNOWN, marks.Mark.END, *self.tokens]

    def call(self, text):
        parts = split(text, self.level)
        ids = tf.cast(self.lookup(parts.flat_values), tf.int32)
        return self.in_reading_order(parts.with_flat_values(ids))

    def in_reading_order(self, values):
        """Returns values (batch, tokens) in the order of reading.

        Of values in the order of reading, returns those in that of the text.
        """
        return tf.reverse(values, [1]) if self.backward else values

    def count_unknown(self, text):
        """Returns the number of unknown tokens and of all tokens of texts."""
        ids = self(text).flat_values
        return int(tf.math.count_nonzero(ids == UNKNOWN)), len(ids)

    def lines(self, text):
        """Returns the ids of lines and their ends: (batch, tokens)."""
        ids = self(text)
        return tf.concat([ids, tf.fill([ids.nrows(), 1], END)], 1)

    def strings(self, ids):
        """Returns each token as text."""
        return tf.gather(["<unk>", MARKS[self.level], *self.tokens], ids)

    def clip(self, ids):
        """Returns ids, those out of range replaced by the nearest id."""
        return tf.clip_by_value(ids, 0, self.size() - 1)

    def join(self, ids):  # ragged (batch, tokens) -> (batch,)
        """Returns the texts of ids; an end becomes a line break."""
        ids = self.in_reading_order(ids)
        parts = tf.where(
            ids.flat_values == END, "\n", self.strings(ids.flat_values)
        )
        parts = ids.with_flat_values(parts)
        if self.level == "character":
            return tf.strings.reduce_join(parts, -1)
        text = tf.strings.reduce_join(parts, -1, separator=" ")
        return tf.strings.regex_replace(text, " ?\n ?", "\n")

    def get_config(self):
        return {
            **super().get_config(),
            "tokens": self.tokens,
            "level": self.level,
            "backward": self.backward,
        }


def split(text, level):  # (batch,) -> ragged string (batch, tokens)
    """Returns the words or characters of texts, and marks for line breaks."""
    text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8")
    text = tf.strings.regex_replace(text, "\r\n?", "\n")
    if level == "character":
        return tf.strings.unicode_split(text, "UTF-8")
    return tf.strings.split(
        tf.strings.regex_replace(text, "\n", f" {MARKS[level]} ")
    )


def learn(lines: tf.data.Dataset, level: str, size: int) -> list[str]:
    """Returns the tokens of a text, the most frequent first.

    Args:
      lines: Lines of the training text.
      level: See `Vocabulary`.
      size: Maximum number of ids of the vocabulary; 0 for no limit.
    """
    counts = collections.Counter()
    for part in lines.batch(1024).map(lambda line: split(line, level)):
        counts.update(part.flat_values.numpy())
    for mark in (b"<unk>", MARKS[level].encode()):
        counts.pop(mark, None)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = ordered[: max(0, size - FIRST) if size else None]
    return [token.decode() for token, _ in kept]
