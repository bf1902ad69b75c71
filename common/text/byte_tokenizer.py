"""Lossless tokenizers: every byte is a token, further tokens are learned.

Joining the tokens of a text gives the text back. Id 0 is padding, 1 starts a
sequence, 2 ends it, 3 to 258 are the bytes; learned tokens come after them.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from collections.abc import Sequence

import keras
import tensorflow as tf

START, END = 1, 2
BYTES = 3  # The id of byte 0.
FIRST = BYTES + 256  # The id of the first learned token.
# Words, numbers and punctuation with the space before them.
_PIECE = r" ?[\pL\pM]+| ?\pN+| ?[^\s\pL\pM\pN]+|\s+"
_MAX_PIECE = 48  # Bytes; the number of merging steps grows with the longest.
_SEPARATOR = b"\xff"  # Occurs in no UTF-8 text.


class ByteTokenizer(keras.layers.Layer, abc.ABC):
    """Base class of tokenizers whose fallback is bytes.

    Bytes that are not UTF-8 become the replacement character. A space is
    inserted before the text, and removed again by `join`, so that its first
    word is the same token as elsewhere.

    Args:
      learned: List of bytes; the tokens from id 259 on.

    Call arguments:
      text: String tensor (batch,).

    Returns:
      int32 ragged tensor (batch, tokens), without start and end marks.
    """

    def __init__(self, learned: Sequence[bytes], **kwargs):
        super().__init__(**kwargs)
        single = [bytes([byte]) for byte in range(256)]
        self.tokens = [b"", b"", b"", *single, *learned]

    @classmethod
    @abc.abstractmethod
    def learn(cls, counts: Mapping[bytes, int], size: int) -> ByteTokenizer:
        """Returns a tokenizer learned from pieces.

        Args:
          counts: Number of occurrences of each piece that `split` makes.
          size: Maximum number of ids.
        """

    @abc.abstractmethod
    def extended(self, counts: Mapping[bytes, int], size: int) -> ByteTokenizer:
        """Returns a tokenizer with the tokens of this one, and more behind.

        Args:
          counts: See `learn`.
          size: See `learn`; of the tokens learned from `counts`.
        """

    def row_names(self) -> list[bytes | int]:
        """Returns a name for each id: its bytes, or the id of a mark."""
        return [*range(BYTES), *self.tokens[BYTES:]]

    @classmethod
    def split(cls, text: tf.Tensor) -> tf.RaggedTensor:
        """Splits texts into pieces; no token crosses the end of a piece.

        Args:
          text: (batch,).

        Returns:
          Ragged (batch, pieces).
        """
        text = tf.strings.regex_replace(
            spaced(text), f"({_PIECE})", rb"\1" + _SEPARATOR
        )
        pieces = tf.strings.split(text, _SEPARATOR)
        return _cut(tf.ragged.boolean_mask(pieces, pieces != ""))

    @abc.abstractmethod
    def spell(self, pieces: tf.Tensor) -> tf.Tensor:
        """Returns the ids (pieces, longest) of pieces (pieces,).

        They are padded with zeros.
        """

    def vocabulary_size(self) -> int:
        """Returns the number of ids."""
        return len(self.tokens)

    def call(self, text):
        pieces = self.split(text)
        # Frequent pieces are spelled once.
        distinct, places = tf.unique(pieces.flat_values)
        ids = tf.cast(self.spell(distinct), tf.int32)
        ids = tf.RaggedTensor.from_tensor(ids, padding=0)
        ids = pieces.with_flat_values(tf.gather(ids, places))
        return ids.merge_dims(1, 2)

    def strings(self, ids: tf.Tensor) -> tf.Tensor:
        """Returns the bytes of each token, "" for marks and padding."""
        return tf.gather(tf.constant(self.tokens), ids)

    def join(self, ids: tf.Tensor) -> tf.Tensor:
        """Returns the texts (...) of ids (..., tokens).

        Marks and padding are ignored.
        """
        text = tf.strings.reduce_join(self.strings(ids), -1)
        return _valid(tf.strings.regex_replace(text, "^ ", ""))


def spaced(text: tf.Tensor) -> tf.Tensor:
    """Returns texts as UTF-8 with a space before them; empty ones stay so."""
    return tf.where(text == "", "", " " + _valid(text))


def single_bytes(pieces: tf.Tensor) -> tf.Tensor:
    """Returns the ids (pieces, longest) of the bytes of pieces (pieces,).

    They are padded with zeros.
    """
    lengths = tf.strings.length(pieces)
    longest = tf.reduce_max(tf.concat([lengths, [2]], 0))
    codes = tf.io.decode_raw(pieces, tf.uint8, fixed_length=longest)
    is_byte = tf.range(longest) < lengths[:, None]
    return tf.where(is_byte, BYTES + tf.cast(codes, tf.int64), 0)


def _valid(text):
    return tf.strings.unicode_transcode(text, "UTF-8", "UTF-8")


def _cut(pieces):
    """Cuts pieces that are too long into parts."""
    # \C is a byte. No copies: a text may be one word of a megabyte.
    marked = tf.strings.regex_replace(
        pieces.flat_values, rf"(\C{{{_MAX_PIECE}}})", rb"\1" + _SEPARATOR
    )
    parts = tf.strings.split(marked, _SEPARATOR)
    parts = tf.ragged.boolean_mask(parts, parts != "")
    return pieces.with_flat_values(parts).merge_dims(1, 2)
