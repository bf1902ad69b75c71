"""Which words follow which in the training transcripts."""

import numpy as np

MAX_WORDS = 300  # The search takes longer with the square of their number.
PRIOR = 5.0  # Weight of the frequency of a word, in occurrences.


def costs(transcripts: list[list[str]], names: list[str]) -> np.ndarray:
    """Returns the cost of each word after each word, (1 + words, words).

    That is its negative log probability, minus that of equally probable words;
    the last row is for the first word of a transcript. Of more than 300 words,
    all cost the same: zeros (1, 1).

    Args:
      transcripts: Words of the training transcripts.
      names: The words that can be recognized.

    Reference: MacKay & Peto, A Hierarchical Dirichlet Language Model, 1995
    (the estimate).
    """
    size = len(names)
    if size > MAX_WORDS:
        return np.zeros([1, 1])
    rows = {name: row for row, name in enumerate(names)}
    counts = np.zeros([size + 1, size])
    for words in transcripts:
        places = [size, *(rows.get(word) for word in words)]
        for pair in zip(places, places[1:]):
            if None not in pair:
                counts[pair] += 1
    frequencies = (counts.sum(0) + 1) / (counts.sum() + size)
    totals = counts.sum(1, keepdims=True)
    probabilities = (counts + PRIOR * frequencies) / (totals + PRIOR)
    return -np.log(size * probabilities)
