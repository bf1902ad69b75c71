"""Tokenizer of whole words, with bytes as a fallback."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

import keras
import tensorflow as tf

from common.text import byte_tokenizer
from common.text import word_tokenizer


@keras.saving.register_keras_serializable("unroll")
class Words(byte_tokenizer.ByteTokenizer):
    """Whole words if they are in the vocabulary, otherwise their bytes.

    Args:
      vocabulary: List of pieces as `split` makes them; each character stands
        for the byte of the same number (Latin-1).
    """

    def __init__(self, vocabulary: Sequence[str], **kwargs):
        self.vocabulary = list(vocabulary)
        learned = [piece.encode("latin-1") for piece in self.vocabulary]
        super().__init__(learned, **kwargs)
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant([b"", *learned]),  # No piece is empty.
                [0, *range(byte_tokenizer.FIRST, self.vocabulary_size())],
                tf.string,
                tf.int64,
            ),
            0,
        )

    @classmethod
    def learn(cls, counts: Mapping[bytes, int], size: int) -> Words:
        """Returns a tokenizer of the most frequent pieces.

        Args:
          counts: Number of occurrences of each piece.
          size: Maximum number of ids.
        """
        ordered = sorted(counts, key=lambda piece: (-counts[piece], piece))
        frequent = [p for p in ordered if len(p) > 1 and counts[p] > 1]
        kept = frequent[: size - byte_tokenizer.FIRST]
        return cls([piece.decode("latin-1") for piece in kept])

    def extended(self, counts: Mapping[bytes, int], size: int) -> Words:
        learned = self.learn(counts, size).vocabulary
        return type(self)(word_tokenizer.extended(self.vocabulary, learned))

    def spell(self, pieces: tf.Tensor) -> tf.Tensor:
        ids = byte_tokenizer.single_bytes(pieces)
        known = self.table.lookup(pieces)[:, None]
        whole = tf.pad(known, [[0, 0], [0, tf.shape(ids)[1] - 1]])
        return tf.where(known > 0, whole, ids)

    def get_config(self):
        return {**super().get_config(), "vocabulary": self.vocabulary}
