"""Word-by-word translation, as IBM model 1 learns it."""

import numpy as np

from common.text import byte_words

ROUNDS = 12


def translations(train, test) -> np.ndarray:
    """Returns the translations of the texts of `test`, bytes (examples,).

    Each word becomes the one that it most probably is in a translation; words
    that are not in `train` stay as they are.

    Args:
      train: data set of ({"text": string}, string).
      test: the same; its targets are not looked at.

    Reference: Brown et al., The Mathematics of Statistical Machine
    Translation, 1993.
    """
    sources, targets = _read(train)
    known, ids = _numbered(sources)
    words, target_ids = _numbered(targets)
    best = _most_probable(ids, target_ids, len(words))
    table = {word: words[best[i]] for i, word in enumerate(known)}
    joined = [
        b"".join(table.get(word, word) for word in text)
        for text in _read(test)[0]
    ]
    return np.array([text.removeprefix(b" ") for text in joined], object)


def _read(examples):
    """Returns the words of sources and targets, with the spaces before."""
    sources, targets = [], []
    for x, y in examples.batch(1024):
        for found, texts in ((sources, x["text"]), (targets, y)):
            found += byte_words.Words.split(texts).to_list()
    return sources, targets


def _numbered(texts):
    """Returns the words, and each text as an array of their numbers."""
    numbers = {}
    ids = [
        np.array([numbers.setdefault(word, len(numbers)) for word in text], int)
        for text in texts
    ]
    return list(numbers), ids


def _most_probable(sources, targets, size):
    """Returns the target word that each source word most probably is.

    Args:
      sources: list of int arrays; the words of a sentence, from 0.
      targets: the same, of its translation.
      size: number of target words.
    """
    # Any target word may come from none of the source: from word 0.
    sources = [np.append(1 + words, 0) for words in sources]
    pairs = np.concatenate(
        [
            (s[:, None] * size + t).ravel()
            for s, t in zip(sources, targets, strict=True)
        ]
    )
    # Which occurrence of a target word each pair explains.
    starts = np.cumsum([0, *(len(t) for t in targets)])
    explained = np.concatenate(
        [
            np.tile(start + np.arange(len(t)), len(s))
            for start, s, t in zip(starts, sources, targets)
        ]
    )
    kinds, place = np.unique(pairs, return_inverse=True)
    source, target = kinds // size, kinds % size
    share = np.ones(len(kinds))  # Probability of the target word.
    for _ in range(ROUNDS):
        weight = share[place]
        weight /= np.bincount(explained, weight)[explained]
        share = np.bincount(place, weight, len(kinds))
        share /= np.bincount(source, share)[source]
    order = np.lexsort([share, source])  # The last of each source is best.
    last = np.append(source[order][1:] != source[order][:-1], True)
    return target[order][last][1:]
