"""Piano rolls and the voices and melodies that they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

KEYS = 88  # Of a piano.
LOWEST = 21  # MIDI pitch of the first key, A0.
SILENT = 0  # In place of a pitch.


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

    Where a note would leave the piano, all are an octave lower or higher.

    Args:
      frames: (frames, 88) of 0 and 1, or (frames, voices) of MIDI pitches.
      semitones: Negative values move down.
    """
    import numpy as np

    is_roll = frames.shape[1] == KEYS
    places = np.nonzero(frames)[1] if is_roll else frames[frames > 0] - LOWEST
    if len(places) and places.max() + semitones >= KEYS:
        semitones -= 12
    if len(places) and places.min() + semitones < 0:
        semitones += 12
    if not is_roll:
        return np.where(frames > 0, frames + semitones, SILENT)
    moved = np.zeros_like(frames)
    rows, columns = np.nonzero(frames)
    moved[rows, columns + semitones] = 1
    return moved
