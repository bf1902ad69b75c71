"""Byte-pair encoding with TensorFlow ops only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from collections.abc import Sequence

import keras
import tensorflow as tf
import tokenizers

from common.text import byte_tokenizer
from common.text.byte_tokenizer import BYTES

_DIGIT = re.compile(rb"[0-9]")
_NEVER = tf.int64.max  # The rank of a pair that is not merged.


@keras.saving.register_keras_serializable("unroll")
class Subwords(byte_tokenizer.ByteTokenizer):
    """Byte-pair encoding: merges frequent pairs of neighboring tokens.

    The tokens of a piece are its bytes at first; the pair that was learned
    earliest is merged first. The merges are learned by the package
    `tokenizers` (Hugging Face); applying them needs TensorFlow alone.

    Args:
      merges: List of pairs of ids, in the order in which they were learned.

    Reference: Sennrich, Haddow & Birch, Neural Machine Translation of Rare
    Words with Subword Units, 2016; on bytes: Radford et al., Language Models
    are Unsupervised Multitask Learners, 2019.
    """

    def __init__(self, merges: Sequence[tuple[int, int]], **kwargs):
        self.merges = [(left, right) for left, right in merges]
        tokens = [bytes([byte]) for byte in range(256)]
        ids = {token: BYTES + i for i, token in enumerate(tokens)}
        merged = []
        for left, right in self.merges:
            token = tokens[left - BYTES] + tokens[right - BYTES]
            # Two pairs may make the same token.
            if token not in ids:
                ids[token] = BYTES + len(tokens)
                tokens.append(token)
            merged.append(ids[token])
        super().__init__(tokens[256:], **kwargs)
        # From a pair to its rank and the token that replaces it.
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                # The first key, a pair of padding, is never merged.
                [0, *(_packed(*pair) for pair in self.merges)],
                [_NEVER, *(_packed(*entry) for entry in enumerate(merged))],
                tf.int64,
                tf.int64,
            ),
            _NEVER,
        )

    @classmethod
    def learn(cls, counts: Mapping[bytes, int], size: int) -> Subwords:
        """Returns a tokenizer with the merges of the most frequent pairs.

        Numbers are not merged: each digit is a token. Of a token for "87", a
        model cannot tell that it has a 7 in common with "57".

        Args:
          counts: Number of occurrences of each piece.
          size: Maximum number of ids.
        """
        # Each byte as a letter that is not a space.
        letters = [chr(256 + byte) for byte in range(256)]
        model = tokenizers.Tokenizer(tokenizers.models.BPE())
        model.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
        trainer = tokenizers.trainers.BpeTrainer(
            vocab_size=size - BYTES,
            min_frequency=2,
            initial_alphabet=letters,
            show_progress=False,
        )
        model.train_from_iterator(
            (
                " ".join(["".join(letters[b] for b in piece)] * count)
                for piece, count in sorted(counts.items())
                if not _DIGIT.search(piece)
            ),
            trainer,
        )
        merges = json.loads(model.to_str())["model"]["merges"]
        ids = {letter: BYTES + i for i, letter in enumerate(letters)}
        pairs = []
        for left, right in merges:
            pairs.append((ids[left], ids[right]))
            ids.setdefault(left + right, BYTES + len(ids))
        return cls(pairs)

    def extended(self, counts: Mapping[bytes, int], size: int) -> Subwords:
        """Returns a copy: subwords can spell every text."""
        return Subwords(self.merges)

    def spell(self, pieces: tf.Tensor) -> tf.Tensor:
        def merge(ids, _):
            """Merges one pair of each piece, the one of the lowest rank."""
            entries = self.table.lookup(_packed(ids[:, :-1], ids[:, 1:]))
            first = tf.argmin(entries, 1)[:, None]
            entry = tf.gather(entries, first, batch_dims=1)
            place = tf.range(tf.shape(ids, tf.int64)[1])
            shifted = tf.pad(ids[:, 1:], [[0, 0], [0, 1]])
            changed = tf.where(place < first, ids, shifted)
            # The lower half of an entry is the token.
            token = tf.bitwise.bitwise_and(entry, 2**32 - 1)
            changed = tf.where(place == first, token, changed)
            possible = entry < _NEVER
            return tf.where(possible, changed, ids), tf.reduce_any(possible)

        ids, _ = tf.while_loop(
            lambda _, more: more,
            merge,
            (byte_tokenizer.single_bytes(pieces), tf.size(pieces) > 0),
        )
        return ids

    def get_config(self):
        return {**super().get_config(), "merges": self.merges}


def _packed(first, second):
    """Returns two numbers packed into one, ordered by the first."""
    return first * 2**32 + second
