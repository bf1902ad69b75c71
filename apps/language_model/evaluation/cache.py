"""A continuous cache: recent tokens are more likely to occur again."""

from typing import NamedTuple

import numpy as np

from apps.language_model.evaluation.reading import Reading

FLATNESSES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0)
SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
BLOCK = 256  # Tokens that are compared at once with those before them.


class CacheSettings(NamedTuple):
    r"""The settings of a cache.

    Attributes:
      flatness: $\theta$ in `probabilities`.
      share: Weight of the cache; the network has the rest.
    """

    flatness: float
    share: float


def probabilities(
    vectors: np.ndarray, ids: np.ndarray, size: int, flatnesses: tuple
) -> np.ndarray:
    r"""Returns the probability that the cache gives to each token of a text.

    $p(x_t) = \sum_{t - s \le i < t, x_i = x_t} e^{\theta h_t^\top h_i} /
    \sum_{t - s \le i < t} e^{\theta h_t^\top h_i}$.

    Args:
      vectors: $h$, (tokens, features); the input of the softmax that predicts
        each token.
      ids: $x$, int (tokens,).
      size: $s$; number of tokens in the cache.
      flatnesses: Values of $\theta$.

    Returns:
      (flatnesses, tokens).

    Reference: Grave, Joulin & Usunier, Improving Neural Language Models with a
    Continuous Cache, 2017.
    """
    values = np.zeros((len(flatnesses), len(ids)), np.float32)
    for start in range(0, len(ids), BLOCK):
        end, first = min(start + BLOCK, len(ids)), max(0, start - size)
        rows, columns = np.arange(start, end)[:, None], np.arange(first, end)
        is_cached = (columns < rows) & (columns >= rows - size)
        is_same = ids[rows] == ids[columns]
        similarity = vectors[start:end] @ vectors[first:end].T
        similarity -= np.max(
            np.where(is_cached, similarity, -np.inf),
            1,
            keepdims=True,
            initial=-1e30,
        )
        similarity = np.minimum(similarity, 0)
        for i, flatness in enumerate(flatnesses):
            weights = np.where(is_cached, np.exp(flatness * similarity), 0)
            hits = (weights * is_same).sum(1)
            values[i, start:end] = hits / np.maximum(weights.sum(1), 1e-30)
    return values


def log_probabilities(
    reading: Reading, ids: np.ndarray, size: int, settings: CacheSettings
) -> np.ndarray:
    """Returns the log probabilities of network and cache together, (tokens,).

    Args:
      reading: Of the network.
      ids: See `probabilities`, as for the next one.
      size: Number of tokens in the cache.
      settings: Flatness and share.
    """
    flatness, share = settings
    cached = probabilities(reading.vectors, ids, size, (flatness,))[0]
    return _mixed(reading.log_probabilities, cached, share)


def _mixed(log_probabilities, cached, share):
    shares = np.full(len(log_probabilities), share)
    shares[0] = 0.0  # The cache is empty.
    network = np.exp(log_probabilities.astype(float))
    return np.log((1 - shares) * network + shares * cached)


def tune(reading: Reading, ids: np.ndarray, size: int) -> CacheSettings:
    """Returns the settings that maximize the likelihood of a text."""
    by_flatness = probabilities(reading.vectors, ids, size, FLATNESSES)
    likelihoods = {
        CacheSettings(flatness, share): _mixed(
            reading.log_probabilities, cached, share
        ).mean()
        for flatness, cached in zip(FLATNESSES, by_flatness)
        for share in SHARES
    }
    return max(likelihoods, key=likelihoods.get)
