"""The tokenizers that learn their tokens from texts, by name."""

import collections

import tensorflow as tf

from common.text import byte_characters
from common.text import byte_pair_tokenizer
from common.text import byte_tokenizer
from common.text import byte_words

KINDS: dict[str, type[byte_tokenizer.ByteTokenizer]] = {
    "subwords": byte_pair_tokenizer.Subwords,
    "words": byte_words.Words,
    "characters": byte_characters.Characters,
}


def learn(
    kind: str,
    texts: tf.data.Dataset,
    size: int,
    start: byte_tokenizer.ByteTokenizer | None = None,
) -> byte_tokenizer.ByteTokenizer:
    """Returns a tokenizer whose tokens are frequent in texts.

    Args:
      kind: A key of `KINDS`.
      texts: Data set of string scalars.
      size: Maximum number of ids.
      start: A tokenizer that is extended, if it is of that kind.
    """
    counts: collections.Counter[bytes] = collections.Counter()
    for pieces in texts.batch(1024).map(KINDS[kind].split):
        counts.update(pieces.flat_values.numpy())
    if start and type(start) is KINDS[kind]:
        return start.extended(counts, size)
    return KINDS[kind].learn(counts, size)
