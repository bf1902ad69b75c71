"""The tokenizers that learn from texts, by name."""

import collections

import tensorflow as tf

from common.text import byte_pair_tokenizer
from common.text import byte_tokenizer
from common.text import byte_words

KINDS = {
    "subwords": byte_pair_tokenizer.Subwords,
    "words": byte_words.Words,
    "characters": byte_words.Characters,
}


def learn(
    kind: str, texts: tf.data.Dataset, size: int
) -> byte_tokenizer.ByteTokenizer:
    """Returns a tokenizer that has learned from texts.

    Args:
      kind: a key of `KINDS`.
      texts: data set of string scalars.
      size: the most ids that it may have.
    """
    counts = collections.Counter()
    for pieces in texts.batch(1024).map(KINDS[kind].split):
        counts.update(pieces.flat_values.numpy())
    return KINDS[kind].learn(counts, size)
