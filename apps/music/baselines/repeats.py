"""The mixture of a repeated frame and of a frame of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

# Probabilities of a repetition that are tried.
SHARES = np.linspace(0.01, 0.99, 99)


class Distribution(Protocol):
    """A distribution of frames that knows nothing of those before them."""

    def nats(self, piece: np.ndarray) -> np.ndarray:
        """Returns the negative log probability of each frame, (frames,)."""

    def most_probable(self, piece: np.ndarray) -> np.ndarray:
        """Returns the most probable frame for each one, like the piece."""


class RepeatedFrame:
    """Repeats the last frame with a probability, and else draws a frame.

    The probability is the one that gives the validation pieces the smallest
    mean of nats.

    Args:
      frames: The distribution of the frames that are drawn.
      valid: Pieces, (frames, columns) each.
    """

    def __init__(self, frames: Distribution, valid: Sequence[np.ndarray]):
        self._frames = frames
        nats = np.concatenate([frames.nats(piece)[1:] for piece in valid])
        repeated = np.concatenate([_is_repeated(piece)[1:] for piece in valid])
        self.share = min(
            SHARES, key=lambda share: _nats(nats, repeated, share).mean()
        )

    def nats(self, piece: np.ndarray) -> np.ndarray:
        """Returns the negative log probability of each frame, (frames,)."""
        nats = self._frames.nats(piece)
        mixed = _nats(nats, _is_repeated(piece), self.share)
        return np.concatenate([nats[:1], mixed[1:]])

    def most_probable(self, piece: np.ndarray) -> np.ndarray:
        """Returns the most probable frame after each frame, like the piece."""
        drawn = self._frames.most_probable(piece)
        last = np.concatenate([drawn[:1], piece[:-1]])
        nats = _nats(self._frames.nats(last), True, self.share)
        is_likelier = nats <= self._frames.nats(drawn) - np.log(1 - self.share)
        return np.where(is_likelier[:, None], last, drawn)


def _is_repeated(piece):
    """Returns whether each frame is equal to the one before, (frames,)."""
    repeated = (piece[1:] == piece[:-1]).all(1)
    return np.concatenate([[False], repeated])


def _nats(nats, repeated, share):
    drawn = np.log(1 - share) - nats
    mixed = np.logaddexp(np.log(share), drawn)
    return -np.where(repeated, mixed, drawn)
