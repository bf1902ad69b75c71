"""Baselines of piano rolls, with independent keys or repeated frames.

Each learns from the training pieces; the validation pieces decide how much it
is smoothed. A piece is an array (frames, 88) of 0 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.music.baselines import repeats

# Weights of a prior, in frames, that are tried.
WEIGHTS = tuple(10.0 ** np.arange(-2, 5))


class KeyFrequencies:
    """Independent keys, each with its frequency.

    Frequencies are smoothed towards the mean of all keys.

    Args:
      train: Pieces to learn from.
      valid: Pieces that choose the smoothing.
    """

    def __init__(
        self, train: Sequence[np.ndarray], valid: Sequence[np.ndarray]
    ):
        self.probabilities = _fit(_counts(train), _counts(valid))

    def nats(self, piece: np.ndarray) -> np.ndarray:
        """Returns the negative log probability of each frame, (frames,)."""
        return _nats(piece, self.probabilities)

    def most_probable(self, piece: np.ndarray) -> np.ndarray:
        """Returns the most probable frame for each one, (frames, 88)."""
        frame = (self.probabilities > 0.5).astype(np.int32)
        return np.tile(frame, [len(piece), 1])


class MarkovChains:
    """Independent keys, each a Markov chain of two states.

    The first frame has the frequencies of the keys. Probabilities are smoothed
    towards those of all keys after the same state.

    Args:
      train: Pieces to learn from.
      valid: Pieces that choose the smoothing.
    """

    def __init__(
        self, train: Sequence[np.ndarray], valid: Sequence[np.ndarray]
    ):
        self._first = KeyFrequencies(train, valid)
        # (before, keys): after a key that is off, and after one that is on.
        self.probabilities = np.stack(
            [
                _fit(_counts(train, state), _counts(valid, state))
                for state in (0, 1)
            ]
        )

    def nats(self, piece: np.ndarray) -> np.ndarray:
        """Returns the negative log probability of each frame, (frames,)."""
        return _nats(piece, self._following(piece))

    def most_probable(self, piece: np.ndarray) -> np.ndarray:
        """Returns the most probable frame after each frame, (frames, 88)."""
        return (self._following(piece) > 0.5).astype(np.int32)

    def _following(self, piece):
        """Returns the probabilities of the keys, (frames, 88)."""
        off, on = self.probabilities
        following = np.where(piece[:-1] > 0, on, off)
        return np.concatenate([self._first.probabilities[None], following])


def fit(
    train: Sequence[np.ndarray], valid: Sequence[np.ndarray]
) -> dict[str, KeyFrequencies | MarkovChains | repeats.RepeatedFrame]:
    """Returns the fitted baselines by name.

    Args:
      train: Pieces to learn from, (frames, 88) each.
      valid: Pieces that choose the smoothing.
    """
    frequencies = KeyFrequencies(train, valid)
    return {
        "key_frequencies": frequencies,
        "repeat_last_frame": repeats.RepeatedFrame(frequencies, valid),
        "markov_chains": MarkovChains(train, valid),
    }


def _counts(pieces, state=None):
    """Returns the counts of frames in which each key is off and on, (2, 88).

    Args:
      pieces: (frames, 88) each.
      state: Of the key in the frame before; None counts all frames.
    """
    counts = np.zeros([2, pieces[0].shape[1]])
    for piece in pieces:
        if state is None:
            counts += (piece == 0).sum(0), piece.sum(0)
        else:
            is_counted = piece[:-1] == state
            on = (is_counted & (piece[1:] > 0)).sum(0)
            counts += is_counted.sum(0) - on, on
    return counts


def _fit(counts, valid_counts):
    """Returns the probability of each key to be on, (keys,)."""
    totals = counts.sum(1)
    # Finite where a data set has no key that is ever on.
    prior = (totals[1] + 0.5) / (totals.sum() + 1)

    def smoothed(weight):
        return (counts[1] + weight * prior) / (counts.sum(0) + weight)

    def nats(weight):
        on = smoothed(weight)
        return -(valid_counts * np.log([1 - on, on])).sum()

    return smoothed(min(WEIGHTS, key=nats))


def _nats(piece, probabilities):
    likelihoods = np.where(piece > 0, probabilities, 1 - probabilities)
    return -np.log(likelihoods).sum(1)
