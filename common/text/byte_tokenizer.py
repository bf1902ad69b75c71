"""Tokenizers that lose nothing: every byte is a token.

To join the tokens gives the text back. Id 0 is padding, 1 starts a sequence, 2
ends it, 3 to 258 are the bytes, then comes what is learned.
"""

import keras
import tensorflow as tf

START, END = 1, 2
BYTES = 3  # The id of byte 0.
FIRST = BYTES + 256  # The id of the first token that is learned.
# Words, numbers and punctuation with the space before them.
_PIECE = r" ?[\pL\pM]+| ?\pN+| ?[^\s\pL\pM\pN]+|\s+"
_LONGEST = 48  # Bytes; merging takes a step for each of the longest piece.
_BETWEEN = b"\xff"  # In no text of UTF-8.


class ByteTokenizer(keras.layers.Layer):
    """What the tokenizers of `common.text.byte_pair_tokenizer` share.

    Bytes that are not UTF-8 become the replacement character. A space before
    the text is put in, and taken off again, so that its first word is the
    token that it is elsewhere.

    Args:
      learned: list of bytes; the tokens from id 259 on.

    Call arguments:
      text: string tensor (batch,).

    Returns:
      int32 ragged tensor (batch, tokens); no marks are put in.
    """

    def __init__(self, learned, **kwargs):
        super().__init__(**kwargs)
        single = [bytes([byte]) for byte in range(256)]
        self.tokens = [b"", b"", b"", *single, *learned]

    @classmethod
    def split(cls, text):  # (batch,) -> ragged (batch, pieces)
        """Returns pieces of the texts; no token is longer than a piece."""
        text = tf.strings.regex_replace(
            spaced(text), f"({_PIECE})", rb"\1" + _BETWEEN
        )
        pieces = tf.strings.split(text, _BETWEEN)
        return _cut(tf.ragged.boolean_mask(pieces, pieces != ""))

    def spell(self, pieces):
        """Returns ids (pieces, longest) of (pieces,), with zeros behind."""
        raise NotImplementedError

    def vocabulary_size(self) -> int:
        """Returns the number of ids."""
        return len(self.tokens)

    def call(self, text):
        pieces = self.split(text)
        # Many come more than once.
        distinct, places = tf.unique(pieces.flat_values)
        ids = tf.cast(self.spell(distinct), tf.int32)
        ids = tf.RaggedTensor.from_tensor(ids, padding=0)
        ids = pieces.with_flat_values(tf.gather(ids, places))
        return ids.merge_dims(1, 2)

    def strings(self, ids):
        """Returns the bytes of each token, "" for marks and padding."""
        return tf.gather(tf.constant(self.tokens), ids)

    def join(self, ids):  # (..., tokens) -> (...)
        """Returns the texts of ids, without marks and padding."""
        text = tf.strings.reduce_join(self.strings(ids), -1)
        return _valid(tf.strings.regex_replace(text, "^ ", ""))


def spaced(text):
    """Returns texts of UTF-8 with a space before them, if there is one."""
    return tf.where(text == "", "", " " + _valid(text))


def _valid(text):
    return tf.strings.unicode_transcode(text, "UTF-8", "UTF-8")


def _cut(pieces):
    """Returns pieces, in parts where they are too long."""
    whole = pieces.flat_values
    counts = 1 + (tf.strings.length(whole) - 1) // _LONGEST
    parts = tf.ragged.range(counts)
    starts = _LONGEST * parts.flat_values
    sizes = tf.fill(tf.shape(starts), _LONGEST)
    cut = tf.strings.substr(tf.repeat(whole, counts), starts, sizes)
    return pieces.with_flat_values(parts.with_flat_values(cut)).merge_dims(1, 2)


def single_bytes(pieces):  # (pieces,) -> (pieces, longest)
    """Returns the ids of single bytes, with zeros behind."""
    lengths = tf.strings.length(pieces)
    longest = tf.reduce_max(tf.concat([lengths, [2]], 0))
    codes = tf.io.decode_raw(pieces, tf.uint8, fixed_length=longest)
    there = tf.range(longest) < lengths[:, None]
    return tf.where(there, BYTES + tf.cast(codes, tf.int64), 0)
