"""Tokenizers of whole words and of characters, with bytes as a fallback."""

import keras
import tensorflow as tf

from common.text import byte_tokenizer


@keras.saving.register_keras_serializable("unroll")
class Words(byte_tokenizer.ByteTokenizer):
    """Whole words where they are known, bytes where they are not.

    Args:
      vocabulary: list of pieces as `split` makes them; each character stands
        for the byte of its number.
    """

    def __init__(self, vocabulary, **kwargs):
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
    def learn(cls, counts, size):
        """Returns a tokenizer of at most `size` ids for counted pieces."""
        ordered = sorted(counts, key=lambda piece: (-counts[piece], piece))
        frequent = [p for p in ordered if len(p) > 1 and counts[p] > 1]
        return cls(
            [
                p.decode("latin-1")
                for p in frequent[: size - byte_tokenizer.FIRST]
            ]
        )

    def spell(self, pieces):
        ids = byte_tokenizer.single_bytes(pieces)
        known = self.table.lookup(pieces)[:, None]
        alone = tf.pad(known, [[0, 0], [0, tf.shape(ids)[1] - 1]])
        return tf.where(known > 0, alone, ids)

    def get_config(self):
        return {**super().get_config(), "vocabulary": self.vocabulary}


@keras.saving.register_keras_serializable("unroll")
class Characters(Words):
    """Single characters where they are known, bytes where they are not.

    Args:
      vocabulary: as of `Words`.
    """

    @classmethod
    def split(cls, text):
        return tf.strings.unicode_split(byte_tokenizer.spaced(text), "UTF-8")
