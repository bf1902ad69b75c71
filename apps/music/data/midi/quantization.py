"""Notes as frames of equal length, and frames as notes."""

import numpy as np

from apps.music.data import rolls
from apps.music.data.midi import reader
from common.errors import UserError

KEYS = reader.HIGHEST - reader.LOWEST + 1
VOICES = 4
MAX_FRAMES = 2**18  # 9 hours of 4 frames a beat, at 120 beats a minute.


def roll(notes: reader.Notes, frames_per_beat: int) -> np.ndarray:
    """Returns whether each key sounds, int32 (frames, 88) of zeros and ones.

    Starts and ends are rounded to the nearest frame; each note has at least one
    frame. Notes that are repeated without a frame in between become one.

    Args:
      notes: Of a file.
      frames_per_beat: Frames a quarter note.

    Raises:
      UserError: There are no notes, or too many frames.
    """
    starts, ends, count = _frames(notes, frames_per_beat)
    steps = np.zeros([count + 1, KEYS], np.int32)
    keys = notes.pitch - reader.LOWEST
    np.add.at(steps, (starts, keys), 1)
    np.add.at(steps, (ends, keys), -1)
    return (np.cumsum(steps[:-1], 0, np.int32) > 0).astype(np.int32)


def melody(notes: reader.Notes, frames_per_beat: int) -> np.ndarray:
    """Returns the highest pitch of each frame, int32 (frames,); 0: silence.

    Args:
      notes: Of a file.
      frames_per_beat: Frames a quarter note.

    Raises:
      UserError: There are no notes, or too many frames.
    """
    return rolls.voices_of(roll(notes, frames_per_beat), 1)[:, 0]


def voices(notes: reader.Notes, frames_per_beat: int) -> np.ndarray:
    """Returns the pitch of each voice, int32 (frames, 4); 0: silence.

    A voice is a track or a channel. The one with the highest mean pitch comes
    first. The notes of a voice may overlap by half a frame. In a file of fewer
    or more than four tracks, the highest note of a frame is the soprano, and
    so on; the lower voices are silent where there are fewer notes.

    Args:
      notes: Of a file.
      frames_per_beat: Frames a quarter note.

    Raises:
      UserError: More than four notes sound at once, one of four tracks has
        chords, or there are too many frames.
    """
    starts, ends, count = _frames(notes, frames_per_beat)
    parts, part_of = np.unique(
        np.stack([notes.track, notes.channel], 1), axis=0, return_inverse=True
    )
    if len(parts) != VOICES:
        return _by_height(roll(notes, frames_per_beat), notes.name)
    part_of = part_of.ravel()
    means = [notes.pitch[part_of == part].mean() for part in range(VOICES)]
    pitches = np.zeros([count, VOICES], np.int32)
    for voice, part in enumerate(np.argsort(np.negative(means), kind="stable")):
        indices = np.flatnonzero(part_of == part)
        _check_monophonic(notes, indices, frames_per_beat)
        for index in indices:
            pitches[starts[index] : ends[index], voice] = notes.pitch[index]
    return pitches


def _by_height(roll, name):
    """Returns the notes of each frame from the highest down, (frames, 4)."""
    most = roll.sum(1).max()
    if most > VOICES:
        raise UserError(
            f"{name} has {most} notes at once, and four voices have at most "
            "four; --network=nade takes any music."
        )
    return rolls.voices_of(roll, VOICES)


def _check_monophonic(notes, indices, frames_per_beat):
    starts, ends = notes.start_beat[indices], notes.end_beat[indices]
    overlaps = ends[:-1] - starts[1:] > 0.5 / frames_per_beat
    if np.any(overlaps):
        index = indices[np.argmax(overlaps)]
        raise UserError(
            f"Track {notes.track[index] + 1} of {notes.name} has several notes "
            f"at once at {notes.start[index]:.1f} s: a voice has one. Put each "
            "voice on a track of its own, or use the file as a piano roll."
        )


def held_notes(frames: np.ndarray) -> np.ndarray:
    """Returns the notes of a roll or of voices, int (notes, 4), by their start.

    Columns: first frame, frame after the last one, MIDI pitch, and number of
    the voice (0 for rolls). Equal frames in a row are one note.

    Args:
      frames: (frames, 88) of zeros and ones, or (frames, 4) of pitches. What is
        negative is silent, as padding is.
    """
    is_roll = frames.shape[1] == KEYS
    pitches = np.where(frames > 0, frames, 0)
    if is_roll:
        pitches = pitches * (np.arange(KEYS) + reader.LOWEST)
    silent = np.zeros([1, frames.shape[1]], pitches.dtype)
    before = np.concatenate([silent, pitches])
    after = np.concatenate([pitches, silent])
    is_change = (before != after).T
    # Column by column, the ends are in the order of the starts.
    columns, starts = np.nonzero(is_change & (after.T > 0))
    _, ends = np.nonzero(is_change & (before.T > 0))
    notes = np.stack(
        [
            starts,
            ends,
            after[starts, columns],
            np.zeros_like(columns) if is_roll else columns,
        ],
        1,
    )
    return notes[np.lexsort([columns, starts])]


def _frames(notes, frames_per_beat):
    """Returns the first frame of notes, the one after the last, the count.

    Raises:
      UserError: There are no notes, or too many frames.
    """
    if not len(notes.pitch):
        raise UserError(
            f"{notes.name} has no complete notes"
            f"{_reasons(notes.warnings)}: choose another file."
        )
    starts = _rounded(notes.start_beat * frames_per_beat)
    ends = np.maximum(_rounded(notes.end_beat * frames_per_beat), starts + 1)
    length = _rounded(np.array(notes.beats * frames_per_beat))
    count = max(int(length), int(ends.max()))
    if count > MAX_FRAMES:
        raise UserError(
            f"{notes.name} has {count:,} frames, at most {MAX_FRAMES:,} are "
            "read: cut it into shorter files."
        )
    return starts, ends, count


def _rounded(frames):
    """Rounds up from one half on, whatever is before: no even numbers."""
    return np.floor(frames + 0.5).astype(np.int64)


def _reasons(warnings):
    return f" ({' '.join(warnings)})" if warnings else ""
