"""The key of a melody, and of its frames, the notes before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

SILENT_REFERENCE = 72  # Of a melody without notes.
MAX_AGE = 8  # Frames.
EVIDENCE = 30  # Notes that the notes of a melody count as.


class Frame(NamedTuple):
    """What is known of a frame of a melody.

    Attributes:
      pitch: Of the note, or of the last one before a rest.
      sounds: Whether it sounds.
      degree: Semitones above the tonic modulo 12; minor keys have 12 more.
      after: Interval to the next other pitch; None at the end.
      before: Interval from the pitch before; None at the beginning.
      step: Interval from the frame before; None at the beginning.
      age: Frames since the note began, at most 8.
    """

    pitch: int
    sounds: bool
    degree: int
    after: int | None
    before: int | None
    step: int | None
    age: int


class KeyFinder:
    """Estimates the key of a melody from the notes that it has.

    Learns from pieces, whose key is taken to be that of the last note of the
    bass; minor if the soprano has more minor than major thirds.

    Args:
      pieces: Voices, (frames, 4) each.

    Reference: Krumhansl, Cognitive Foundations of Musical Pitch, 1990 (profiles
    of keys).
    """

    def __init__(self, pieces: Sequence[np.ndarray]):
        profiles, last = np.ones([2, 12]), np.ones(12)
        for piece in pieces:
            bass, melody = piece[piece[:, -1] > 0, -1], piece[:, 0]
            if not len(bass) or not melody.any():
                continue
            tonic = bass[-1] % 12
            shares = np.roll(_shares(melody), -tonic)
            profiles[int(shares[3] > shares[4])] += EVIDENCE * shares
            last[(melody[melody > 0][-1] - tonic) % 12] += 1
        self._profiles = np.log(profiles / profiles.sum(1, keepdims=True))
        self._last = np.log(last / last.sum())

    def find(self, melody: np.ndarray) -> tuple[int, int]:
        """Returns the tonic modulo 12, and 1 for minor.

        Args:
          melody: MIDI pitches, (frames,); 0 is silent.
        """
        if not melody.any():
            return 0, 0
        shares, last = EVIDENCE * _shares(melody), melody[melody > 0][-1]
        scores = [
            self._profiles @ np.roll(shares, -tonic)
            + self._last[(last - tonic) % 12]
            for tonic in range(12)
        ]
        tonic, is_minor = np.unravel_index(np.argmax(scores), (12, 2))
        return int(tonic), int(is_minor)


def frames(melody: np.ndarray, key: tuple[int, int]) -> list[Frame]:
    """Returns the features of each frame.

    Args:
      melody: MIDI pitches, (frames,); 0 is silent.
      key: See `KeyFinder.find`.
    """
    tonic, is_minor = key
    features: list[Frame] = []
    pitches, before = _without_rests(melody), None
    for pitch, sounds, after in zip(
        pitches, (melody > 0).tolist(), _intervals_after(pitches)
    ):
        previous = features[-1] if features else None
        step = pitch - previous.pitch if previous else None
        before = step if step else before
        is_same = step == 0 and previous and previous.sounds == sounds
        age = min(previous.age + 1, MAX_AGE) if is_same else 0
        degree = (pitch - tonic) % 12 + 12 * is_minor
        features.append(Frame(pitch, sounds, degree, after, before, step, age))
    return features


def _without_rests(melody):
    """Returns pitches, those of rests replaced by the one before."""
    pitches, pitch = [], SILENT_REFERENCE
    for note in melody.tolist():
        pitch = note or pitch
        pitches.append(pitch)
    return pitches


def _intervals_after(pitches):
    """Returns the interval from each pitch to the next other one, or None."""
    intervals, after, following = [], None, None
    for pitch in reversed(pitches):
        if following is not None and pitch != following:
            after = following - pitch
        following = pitch
        intervals.append(after)
    return intervals[::-1]


def _shares(melody):
    counts = np.bincount(melody[melody > 0] % 12, minlength=12)
    return counts / counts.sum()
