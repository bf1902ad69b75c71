"""All n-gram models that a network is compared with."""

import numpy as np

from apps.language_model.baselines import interpolation
from common.text.ngrams import kneser_ney
from common.text.ngrams.tokenized_text import TokenizedText


def log_probabilities(
    train: TokenizedText,
    valid: TokenizedText,
    test: TokenizedText,
    size: int,
    order: int,
) -> dict[str, np.ndarray]:
    """Returns the log probability of each test token, by the model's name.

    Unigrams, bigrams, and n-grams up to `order`, interpolated with weights
    fitted to the validation text; and Kneser-Ney, which learns from the
    training text alone, as in the literature.

    Args:
      train: The training text.
      valid: The validation text.
      test: The test text.
      size: Size of the vocabulary.
      order: Length of the longest n-grams.
    """
    by_model = {}
    for n in sorted({1, 2, order}):
        name = {1: "unigram", 2: "bigram"}.get(n, f"{n}-gram")
        model = interpolation.Interpolation(train, size, n, valid)
        by_model[name] = model.log_probabilities(test)
    smoothed = kneser_ney.KneserNey(train, size, order)
    by_model[f"Kneser-Ney {order}"] = smoothed.log_probabilities(test)
    return by_model
