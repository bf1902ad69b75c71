"""Small texts, and the probabilities of their lines."""

import numpy as np

from common.text.ngrams.tokenized_text import TokenizedText

A, B, END = 0, 1, 2
# "a b", and "a".
TINY = TokenizedText(np.array([A, B, END, A, END]), np.array([3, 2]))


def probability(model, *line):
    """Returns the probability of the last token of a line."""
    text = TokenizedText(np.array(line), np.array([len(line)]))
    return float(np.exp(model.log_probabilities(text)[-1]))


def random_text(rng, lines, size):
    """Returns lines in which a token depends on the one before it."""
    lengths = rng.integers(1, 9, lines)
    ids = (rng.integers(0, 3, lengths.sum()).cumsum() ** 2) % size
    return TokenizedText(ids, lengths)


def check_probabilities_add_up_to_one(model, size):
    """Checks the next tokens after histories of 0 to 7 tokens."""
    ids, lengths = random_text(np.random.default_rng(0), 10, size)
    starts = np.cumsum(lengths) - lengths
    for start, length in zip(starts, lengths):
        history = ids[start : start + length - 1].tolist()
        total = sum(probability(model, *history, w) for w in range(size))
        assert abs(total - 1) < 1e-6
