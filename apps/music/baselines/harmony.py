"""Harmonizes a melody by the most frequent notes."""

from __future__ import annotations

import collections
from collections.abc import Sequence

import numpy as np

from apps.music.baselines import melody_features

PRIOR = 4.0  # Weight of the more general contexts, in occurrences.
LOWER_VOICES = 3


def _of_previous_chord(frame, voice, last, above):
    """Returns contexts of a note, from the general to the particular.

    Args:
      frame: Of the melody.
      voice: Its number; alto, tenor and bass are 0, 1 and 2.
      last: The notes of the frame before, in semitones below the melody.
      above: The same of the voices above.
    """
    known = (frame.sounds, frame.degree)
    return known[:1], known, (*known, frame.step, last)


def _of_melody(frame, voice, last, above):
    """Returns contexts without the frame before; see `_of_previous_chord`."""
    known = (frame.sounds, frame.degree)
    neighbors = (frame.after, frame.before)
    return (
        known[:1],
        known,
        (*known, above),
        (*known, frame.after, above),
        (*known, *neighbors, above),
        (*known, *neighbors, frame.age, above),
    )


CONTEXTS = {
    "previous chord": _of_previous_chord,
    "notes before and after": _of_melody,
}


class Harmonizer:
    """Alto, tenor and bass in turn, each the most frequent note in a context.

    Counts in particular contexts are interpolated with those in more general
    ones. Notes are counted in semitones below the melody, so that the same
    music in other keys shares its counts. Of two kinds of context, soprano and
    previous chord, and the notes of the soprano, that is used with the higher
    accuracy on the validation pieces, of which the sopranos alone are given.

    Args:
      train: Voices (frames, 4) to learn from.
      valid: Pieces that choose the kind of context.

    Attributes:
      context: The kind of context, a key of `CONTEXTS`.
    """

    def __init__(
        self, train: Sequence[np.ndarray], valid: Sequence[np.ndarray]
    ):
        self._keys = melody_features.KeyFinder(train)
        notes = np.concatenate(train)[:, 1:]
        self._pitches = [set(notes[:, n].tolist()) for n in range(LOWER_VOICES)]
        tables = {name: self._count(name, train) for name in CONTEXTS}
        accuracies = {}
        for name in CONTEXTS:
            self.context, self._tables = name, tables[name]
            accuracies[name] = np.mean(self.accuracies(valid))
        self.context = max(accuracies, key=accuracies.__getitem__)
        self._tables = tables[self.context]

    def harmonize(self, melody: np.ndarray) -> np.ndarray:
        """Returns four voices, int32 (frames, 4); the first is the melody.

        Args:
          melody: MIDI pitches, (frames,); 0 is silent.
        """
        chords, last = [], None
        for frame in self._frames(melody):
            below = _below(frame, last)
            above: tuple = ()
            for voice in range(LOWER_VOICES):
                above += (self._most_frequent(frame, voice, below, above),)
            last = [_pitch(frame, note) for note in above]
            chords.append(last)
        lower = np.array(chords, np.int32).reshape(-1, LOWER_VOICES)
        return np.concatenate([melody[:, None], lower], 1).astype(np.int32)

    def accuracies(self, pieces: Sequence[np.ndarray]) -> np.ndarray:
        """Returns the share of correct frames of alto, tenor and bass, (3,).

        Args:
          pieces: Voices (frames, 4), of which the melodies are harmonized.
        """
        correct = [
            self.harmonize(piece[:, 0])[:, 1:] == piece[:, 1:]
            for piece in pieces
        ]
        return np.concatenate(correct).mean(0)

    def _frames(self, melody):
        return melody_features.frames(melody, self._keys.find(melody))

    def _count(self, name, pieces):
        """Returns the counts of the notes in each context, by voice."""
        contexts_of = CONTEXTS[name]
        tables: list[dict] = [
            collections.defaultdict(collections.Counter)
            for _ in range(LOWER_VOICES)
        ]
        for piece in pieces:
            last = None
            for frame, chord in zip(
                self._frames(piece[:, 0]), piece[:, 1:].tolist()
            ):
                below, notes = _below(frame, last), _below(frame, chord)
                for voice, note in enumerate(notes):
                    above = notes[:voice]
                    for place, context in enumerate(
                        contexts_of(frame, voice, below, above)
                    ):
                        tables[voice][place, context][note] += 1
                last = chord
        return tables

    def _most_frequent(self, frame, voice, last, above):
        """Returns a note of a voice in semitones below the melody, or None."""
        shares: dict = {}
        contexts = CONTEXTS[self.context](frame, voice, last, above)
        for key in enumerate(contexts):
            counts = self._tables[voice].get(key, {})
            total = sum(counts.values()) + PRIOR
            shares = {
                note: (PRIOR * shares.get(note, 0) + counts.get(note, 0))
                / total
                for note in {**shares, **counts}
            }
        pitches = self._pitches[voice]
        playable = [note for note in shares if _pitch(frame, note) in pitches]
        if playable:
            return max(playable, key=shares.__getitem__)
        # The melody is higher or lower than those to learn from.
        nearest = min(pitches, key=lambda pitch: abs(frame.pitch - pitch))
        return frame.pitch - nearest if nearest else None


def _below(frame, chord):
    """Returns notes in semitones below the melody; None for silence."""
    if chord is None:
        return (None,) * LOWER_VOICES
    return tuple(frame.pitch - pitch if pitch else None for pitch in chord)


def _pitch(frame, note):
    return 0 if note is None else frame.pitch - note
