"""Statistics of generated pieces, to be read next to those of the data."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np

from apps.music.data import rolls

FIFTH, OCTAVE = 7, 0  # Semitones modulo 12; a unison counts as an octave.


def summarize(
    pieces: Iterable[np.ndarray], frames_per_beat: int
) -> dict[str, float]:
    """Returns the means of the statistics of pieces; see `describe`."""
    rows = [describe(piece, frames_per_beat) for piece in pieces]
    return {name: float(np.mean([r[name] for r in rows])) for name in rows[0]}


def describe(piece: np.ndarray, frames_per_beat: int) -> dict[str, float]:
    """Returns the statistics of a piece.

    Args:
      piece: A roll (frames, 88) or voices (frames, 4), without padding.
      frames_per_beat: Frames of a quarter note.

    Returns:
      "distinct_pitches"; "repeat_share", of the frames that are equal to the
      one before; "note_density", the mean number of notes of a frame; "range"
      from the lowest to the highest note in semitones; of voices, also
      "parallel_fifths" and "parallel_octaves", the number in a bar of four
      quarter notes.
    """
    is_roll = piece.shape[1] == rolls.KEYS
    roll = piece if is_roll else rolls.of_voices(piece)
    keys = np.flatnonzero(roll.any(0))
    statistics = {
        "distinct_pitches": len(keys),
        "repeat_share": repeat_share(piece),
        "note_density": roll.sum(1).mean(),
        "range": keys[-1] - keys[0] if len(keys) else 0,
    }
    if not is_roll:
        bars = len(piece) / (rolls.BEATS_PER_BAR * frames_per_beat)
        statistics |= {
            "parallel_fifths": count_parallels(piece, FIFTH) / bars,
            "parallel_octaves": count_parallels(piece, OCTAVE) / bars,
        }
    return {name: float(value) for name, value in statistics.items()}


def repeat_share(piece: np.ndarray, lag: int = 1) -> float:
    """Returns the share of frames that are equal to the one `lag` before."""
    if len(piece) <= lag:
        return 0.0
    return float((piece[lag:] == piece[:-lag]).all(1).mean())


def count_parallels(voices: np.ndarray, interval: int) -> int:
    """Returns the number of parallel moves of two voices at an interval.

    Both voices move in the same direction, from one frame to the next, and have
    the interval before and after.

    Args:
      voices: MIDI pitches, (frames, voices); 0 is silent.
      interval: In semitones modulo 12.
    """
    sounds = (voices[1:] > 0) & (voices[:-1] > 0)
    directions = np.sign(np.diff(voices, axis=0)) * sounds
    count = 0
    for high, low in itertools.combinations(range(voices.shape[1]), 2):
        has_interval = (voices[:, high] - voices[:, low]) % 12 == interval
        is_parallel = (directions[:, high] == directions[:, low]) & (
            directions[:, high] != 0
        )
        count += int((has_interval[1:] & has_interval[:-1] & is_parallel).sum())
    return count
