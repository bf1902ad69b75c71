"""N-gram models, the baselines that a network must beat."""

import numpy as np

from apps.language_model import interpolation
from apps.language_model import kneser_ney


def log_probabilities(
    train: tuple[np.ndarray, np.ndarray],
    valid: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    size: int,
    order: int,
) -> dict[str, np.ndarray]:
    """Returns those of the tokens of a test text, by the model's name.

    Unigrams, bigrams, and n-grams up to `order`, interpolated with weights
    that suit the validation text; and Kneser-Ney, learned from the training
    text alone, as in the literature.

    Args:
      train: ids of the tokens, and of how many each line is.
      valid: the same.
      test: the same.
      size: of the vocabulary.
      order: length of the longest n-grams.
    """
    found = {}
    for n in sorted({1, 2, order}):
        name = {1: "unigram", 2: "bigram"}.get(n, f"{n}-gram")
        mixed = interpolation.Interpolation(*train, size, n, valid)
        found[name] = mixed.log_probabilities(*test)
    smoothed = kneser_ney.KneserNey(*train, size, order)
    found[f"Kneser-Ney {order}"] = smoothed.log_probabilities(*test)
    return found
