"""Word-by-word translation with the lexicon of IBM model 1."""

import numpy as np

from common.text import byte_words

ROUNDS = 12  # Of expectation maximization.


def translations(train, test) -> np.ndarray:
    """Returns the translations of the examples of `test`, bytes (examples,).

    Each word becomes its most probable translation; words that are not in
    `train` are copied.

    Args:
      train: Data set of ({"text": string}, {"translation": string}).
      test: The same; its translations are not used.

    Reference: Brown et al., The Mathematics of Statistical Machine
    Translation, 1993.
    """
    sources = _words(x["text"] for x, _ in train.batch(1024))
    targets = _words(y["translation"] for _, y in train.batch(1024))
    source_words, source_ids = _numbered(sources)
    target_words, target_ids = _numbered(targets)
    best = most_probable(source_ids, target_ids, len(target_words))
    lexicon = {w: target_words[best[i]] for i, w in enumerate(source_words)}
    joined = [
        b"".join(lexicon.get(word, word) for word in text)
        for text in _words(x["text"] for x, _ in test.batch(1024))
    ]
    return np.array([text.removeprefix(b" ") for text in joined], object)


def _words(batches):
    """Returns the words of each text, with the spaces before them."""
    words = []
    for texts in batches:
        words += byte_words.Words.split(texts).to_list()
    return words


def _numbered(texts):
    """Returns the distinct words, and each text as an array of their ids."""
    numbers = {}
    ids = [
        np.array([numbers.setdefault(word, len(numbers)) for word in text], int)
        for text in texts
    ]
    return list(numbers), ids


def most_probable(sources, targets, size) -> np.ndarray:
    """Returns the most probable target word of each source word.

    Args:
      sources: List of int arrays; the words of each sentence, from 0.
      targets: The same of their translations.
      size: Number of target words.
    """
    # Source word 0 is empty: a target word may translate no source word.
    sources = [np.append(1 + words, 0) for words in sources]
    pairs = np.concatenate(
        [
            (s[:, None] * size + t).ravel()
            for s, t in zip(sources, targets, strict=True)
        ]
    )
    # The occurrence of a target word that each pair explains.
    starts = np.cumsum([0, *(len(t) for t in targets)])
    explained = np.concatenate(
        [
            np.tile(start + np.arange(len(t)), len(s))
            for start, s, t in zip(starts, sources, targets)
        ]
    )
    distinct, place = np.unique(pairs, return_inverse=True)
    source, target = distinct // size, distinct % size
    share = np.ones(len(distinct))  # Probability of target given source.
    for _ in range(ROUNDS):
        weight = share[place]
        weight /= np.bincount(explained, weight)[explained]
        share = np.bincount(place, weight, len(distinct))
        share /= np.bincount(source, share)[source]
    order = np.lexsort([share, source])  # The last of each source is best.
    last = np.append(source[order][1:] != source[order][:-1], True)
    return target[order][last][1:]
