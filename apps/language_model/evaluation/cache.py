"""A continuous cache: what was read lately is likelier to come again."""

import numpy as np

FLATNESSES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0)
SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
BLOCK = 256  # Tokens that are compared with those before them at once.


def shares(
    vectors: np.ndarray, ids: np.ndarray, size: int, flatnesses: tuple
) -> np.ndarray:
    r"""Returns the probabilities that the cache gives to the tokens of a text.

    $p(x_t) = \sum_{t - s \le i < t, x_i = x_t} e^{\theta h_t^\top h_i} /
    \sum_{t - s \le i < t} e^{\theta h_t^\top h_i}$.

    Args:
      vectors: $h$, (tokens, features); what the softmax read to tell each.
      ids: $x$, int (tokens,).
      size: $s$; how many tokens the cache holds.
      flatnesses: values of $\theta$.

    Returns:
      (flatnesses, tokens).

    Reference: Grave, Joulin & Usunier, Improving Neural Language Models with a
    Continuous Cache, 2017.
    """
    found = np.zeros((len(flatnesses), len(ids)), np.float32)
    for start in range(0, len(ids), BLOCK):
        end, first = min(start + BLOCK, len(ids)), max(0, start - size)
        rows, columns = np.arange(start, end)[:, None], np.arange(first, end)
        held = (columns < rows) & (columns >= rows - size)
        same = ids[rows] == ids[columns]
        alike = vectors[start:end] @ vectors[first:end].T
        alike -= np.max(
            np.where(held, alike, -np.inf), 1, keepdims=True, initial=-1e30
        )
        for i, flatness in enumerate(flatnesses):
            weights = np.where(held, np.exp(flatness * np.minimum(alike, 0)), 0)
            hits = (weights * same).sum(1)
            found[i, start:end] = hits / np.maximum(weights.sum(1), 1e-30)
    return found


def mixed(
    logs: np.ndarray,
    vectors: np.ndarray,
    ids: np.ndarray,
    size: int,
    flatness: float,
    share: float,
) -> np.ndarray:
    """Returns the log probabilities of network and cache together, (tokens,).

    Args:
      logs: those of the network, (tokens,).
      vectors: as of `shares`.
      ids: as of `shares`.
      size: as of `shares`.
      flatness: as of `shares`.
      share: of the cache; that of the network is the rest.
    """
    return _mixed(logs, shares(vectors, ids, size, (flatness,))[0], share)


def _mixed(logs, p, share):
    share = np.full(len(logs), share)
    share[0] = 0.0  # There is nothing in the cache yet.
    return np.log((1 - share) * np.exp(logs.astype(float)) + share * p)


def tune(
    logs: np.ndarray, vectors: np.ndarray, ids: np.ndarray, size: int
) -> tuple[float, float]:
    """Returns flatness and share under which a text is most probable."""
    found = {}
    for flatness, p in zip(FLATNESSES, shares(vectors, ids, size, FLATNESSES)):
        for share in SHARES:
            found[flatness, share] = _mixed(logs, p, share).mean()
    return max(found, key=found.get)
