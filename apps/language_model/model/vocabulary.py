"""From text to tokens and back."""

import collections

import keras
import tensorflow as tf

UNKNOWN, END = 0, 1  # Ids: of what is no token; of the end of a line.
FIRST = 2  # The id of the first token that is learned.
MARKS = {"word": "<eos>", "character": "\n"}


@keras.saving.register_keras_serializable("unroll")
class Vocabulary(keras.layers.Layer):
    r"""Turns texts into the ids of their words or characters, and back.

    Words are what white space divides: a text that is not divided so is to be
    tokenized before. Bytes that are not UTF-8 become the replacement character.
    Id 0 is what is not in the vocabulary, 1 the end of a line, 2 the first of
    the tokens; there is no padding.

    Args:
      tokens: list of words or characters, as `learn` returns it.
      level: "word" or "character".

    Call arguments:
      text: string tensor (batch,).

    Returns:
      int32 ragged tensor (batch, tokens); a line break gives an end.

    Example:
      >>> Vocabulary(["a", "b"], "word")(tf.constant(["b a\nc"]))
      <tf.RaggedTensor [[3, 2, 1, 0]]>
    """

    def __init__(self, tokens, level, **kwargs):
        super().__init__(**kwargs)
        self.tokens, self.level = list(tokens), level
        self.lookup = keras.layers.StringLookup(
            vocabulary=[MARKS[level], *self.tokens], oov_token="<unk>"
        )

    def size(self) -> int:
        """Returns the number of ids."""
        return FIRST + len(self.tokens)

    def call(self, text):
        parts = split(text, self.level)
        ids = tf.cast(self.lookup(parts.flat_values), tf.int32)
        return parts.with_flat_values(ids)

    def lines(self, text):
        """Returns the ids of lines, each with its end: (batch, tokens)."""
        ids = self(text)
        return tf.concat([ids, tf.fill([ids.nrows(), 1], END)], 1)

    def strings(self, ids):
        """Returns each token as text."""
        return tf.gather(["<unk>", MARKS[self.level], *self.tokens], ids)

    def join(self, ids):  # ragged (batch, tokens) -> (batch,)
        """Returns the texts of ids; an end gives a line break."""
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
    """Returns the most frequent tokens, the most frequent first.

    Args:
      lines: of the training text.
      level: as of `Vocabulary`.
      size: ids of the vocabulary, at most; 0: no limit.
    """
    counts = collections.Counter()
    for part in lines.batch(1024).map(lambda line: split(line, level)):
        counts.update(part.flat_values.numpy())
    for mark in (b"<unk>", MARKS[level].encode()):
        counts.pop(mark, None)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = ordered[: max(0, size - FIRST) if size else None]
    return [token.decode() for token, _ in kept]
