"""The chords of the grammar, and how they follow one another."""

from __future__ import annotations

from typing import NamedTuple


class Chord(NamedTuple):
    """A chord, in semitones above the tonic.

    Attributes:
      notes: Its notes modulo 12.
      positions: Of alto, tenor and bass.
      following: Probabilities of the next chord, in the order of `CHORDS`.
    """

    notes: tuple[int, ...]
    positions: tuple[tuple[int, int, int], ...]
    following: tuple[float, ...]


CHORDS = (
    # The tonic.
    Chord(
        (0, 4, 7),
        ((4, -5, -12), (7, 0, -8)),
        (0.10, 0.20, 0.30, 0.20, 0.05, 0.15),
    ),
    # The supertonic.
    Chord(
        (2, 5, 9),
        ((5, -3, -10), (2, -3, -7)),
        (0.00, 0.10, 0.00, 0.40, 0.50, 0.00),
    ),
    # The subdominant.
    Chord(
        (5, 9, 0),
        ((0, -3, -7), (5, 0, -3)),
        (0.20, 0.20, 0.10, 0.20, 0.30, 0.00),
    ),
    # The dominant.
    Chord(
        (7, 11, 2),
        ((2, -1, -5), (2, -5, -13)),
        (0.50, 0.00, 0.00, 0.10, 0.20, 0.20),
    ),
    # The dominant seventh.
    Chord(
        (7, 11, 2, 5),
        ((5, -1, -5), (5, -1, -17)),
        (0.85, 0.00, 0.00, 0.00, 0.00, 0.15),
    ),
    # The submediant.
    Chord(
        (9, 0, 4),
        ((4, 0, -3), (4, 0, -15)),
        (0.00, 0.40, 0.40, 0.20, 0.00, 0.00),
    ),
)
