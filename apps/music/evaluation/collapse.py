"""Detects generated pieces that are no music: silence, one chord, a loop."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator

import numpy as np

LONGEST_LOOP = 8  # Beats.
REPETITIONS = 3  # Of a loop in a piece, at least.
QUANTILE = 0.99  # Of the pieces of the data.
CERTAIN = 0.999  # Share that no music has, where no data are known.


class CollapseDetector:
    """Knows how often pieces of the data repeat themselves.

    A piece has collapsed if it, or its second half, is silent or equal to
    itself a few frames before in a larger share of its frames than music is.
    The limit is in the middle between the 99th percentile of the data's pieces
    and 1: chorales in sixteenths have long notes and are no collapse; the same
    chord for ever is one.

    Args:
      pieces: Of the training split, (frames, columns) each; without them, a
        piece must repeat itself exactly.
      frames_per_beat: Frames of a quarter note.
    """

    def __init__(self, pieces: Iterable[np.ndarray], frames_per_beat: int):
        self._longest = LONGEST_LOOP * frames_per_beat
        shares: dict[int, list[float]] = {}
        for piece in pieces:
            for lag, share in self._shares(piece):
                shares.setdefault(lag, []).append(share)
        self.limits = {
            lag: (1 + np.quantile(values, QUANTILE)) / 2
            for lag, values in shares.items()
        }

    def reason(self, piece: np.ndarray) -> str:
        """Returns in which way a piece has collapsed; "" if it has not.

        Args:
          piece: (frames, columns), without padding.
        """
        if not (piece > 0).any():
            return "silence"
        for lag, share in self._shares(piece):
            if share > self.limits.get(lag, CERTAIN):
                return _name(lag)
        return ""

    def _shares(self, piece) -> Iterator[tuple[int, float]]:
        """Yields the share of equal frames by lag; lag 0 stands for silence."""
        # A number for each different frame.
        _, frames = np.unique(piece, axis=0, return_inverse=True)
        frames, silent = frames.ravel(), ~(piece > 0).any(1)
        for start in (0, len(piece) // 2):
            part = frames[start:]
            longest = min(self._longest, len(part) // REPETITIONS)
            yield 0, float(silent[start:].mean())
            for lag in range(1, longest + 1):
                yield lag, float((part[lag:] == part[:-lag]).mean())


def _name(lag):
    if lag == 0:
        return "silence"
    return "one chord" if lag == 1 else f"a loop of {lag} frames"
