"""Piano rolls and the voices and melodies that they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

KEYS = 88  # Of a piano.
LOWEST = 21  # MIDI pitch of the first key, A0.
SILENT = 0  # In place of a pitch.
OCTAVE = 12  # Semitones.
BEATS_PER_BAR = 4


def of_voices(voices: np.ndarray) -> np.ndarray:
    """Returns the piano roll of voices, int32 (frames, 88).

    Args:
      voices: MIDI pitches, (frames, voices); 0 is silent. Pitches beyond the
        piano are left out.
    """
    import numpy as np

    roll = np.zeros([len(voices), KEYS], np.int32)
    frames, columns = np.nonzero((voices >= LOWEST) & (voices < LOWEST + KEYS))
    roll[frames, voices[frames, columns] - LOWEST] = 1
    return roll


def voices_of(roll: np.ndarray, count: int) -> np.ndarray:
    """Returns the highest notes of each frame in falling order.

    Args:
      roll: (frames, 88).
      count: Number of voices.

    Returns:
      MIDI pitches, int32 (frames, count); 0 where a frame has fewer notes.
    """
    import numpy as np

    pitches = np.where(roll > 0, np.arange(LOWEST, LOWEST + KEYS), SILENT)
    return -np.sort(-pitches, axis=1)[:, :count].astype(np.int32)


def transposed(frames: np.ndarray, semitones: int) -> np.ndarray:
    """Returns the same music higher by some semitones, or lower.

    A note that would leave the piano is an octave lower, or higher.

    Args:
      frames: (frames, 88) of 0 and 1, or (frames, voices) of MIDI pitches.
      semitones: Negative values move down; at most an octave.
    """
    import numpy as np

    def moved(keys):
        keys = keys + semitones
        keys = np.where(keys >= KEYS, keys - OCTAVE, keys)
        return np.where(keys < 0, keys + OCTAVE, keys)

    if frames.shape[1] != KEYS:
        pitches = moved(frames - LOWEST) + LOWEST
        return np.where(frames > 0, pitches, SILENT)
    roll = np.zeros_like(frames)
    rows, columns = np.nonzero(frames)
    roll[rows, moved(columns)] = 1
    return roll
