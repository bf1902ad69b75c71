"""Byte-pair encoding, words and characters, with TensorFlow ops only.

Frequent sequences of bytes are tokens, beside the single bytes: no text is
unknown.
"""

import json

import keras
import tensorflow as tf
import tokenizers

from common.text import byte_tokenizer
from common.text.byte_tokenizer import BYTES

_NEVER = tf.int64.max  # What a pair that is not merged finds.


@keras.saving.register_keras_serializable("unroll")
class Subwords(byte_tokenizer.ByteTokenizer):
    """Byte-pair encoding: frequent neighbours are merged, the first first.

    Args:
      merges: list of pairs of ids, in the order in which they were learned.

    Reference: Sennrich, Haddow & Birch, Neural Machine Translation of Rare
    Words with Subword Units, 2016; on bytes: Radford et al., Language Models
    are Unsupervised Multitask Learners, 2019.
    """

    def __init__(self, merges, **kwargs):
        self.merges = [tuple(pair) for pair in merges]
        tokens = [bytes([byte]) for byte in range(256)]
        ids = {token: BYTES + i for i, token in enumerate(tokens)}
        made = []
        for left, right in self.merges:
            token = tokens[left - BYTES] + tokens[right - BYTES]
            # Two pairs may make the same token.
            if token not in ids:
                ids[token] = BYTES + len(tokens)
                tokens.append(token)
            made.append(ids[token])
        super().__init__(tokens[256:], **kwargs)
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                # The first, of padding alone, is never merged.
                [0, *(_pair(*pair) for pair in self.merges)],
                [_NEVER, *(_pair(*found) for found in enumerate(made))],
                tf.int64,
                tf.int64,
            ),
            _NEVER,
        )

    @classmethod
    def learn(cls, counts, size):
        """Returns a tokenizer of at most `size` ids for counted pieces."""
        # Each byte as a letter of its own, which is no space.
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
            ),
            trainer,
        )
        merges = json.loads(model.to_str())["model"]["merges"]
        known = {letter: BYTES + i for i, letter in enumerate(letters)}
        pairs = []
        for left, right in merges:
            pairs.append((known[left], known[right]))
            known.setdefault(left + right, BYTES + len(known))
        return cls(pairs)

    def spell(self, pieces):
        def merge(ids, _):
            found = self.table.lookup(_pair(ids[:, :-1], ids[:, 1:]))
            first = tf.argmin(found, 1)[:, None]
            merged = tf.gather(found, first, batch_dims=1)
            place = tf.range(tf.shape(ids, tf.int64)[1])
            moved = tf.pad(ids[:, 1:], [[0, 0], [0, 1]])
            changed = tf.where(place < first, ids, moved)
            # The lower half of what was found is the token.
            token = tf.bitwise.bitwise_and(merged, 2**32 - 1)
            changed = tf.where(place == first, token, changed)
            possible = merged < _NEVER
            return tf.where(possible, changed, ids), tf.reduce_any(possible)

        ids, _ = tf.while_loop(
            lambda _, more: more,
            merge,
            (byte_tokenizer.single_bytes(pieces), tf.size(pieces) > 0),
        )
        return ids

    def get_config(self):
        return {**super().get_config(), "merges": self.merges}


def _pair(first, second):
    """Returns two numbers as one, ordered by the first."""
    return first * 2**32 + second
