"""The notes of a MIDI file."""

import dataclasses

import numpy as np

from apps.music.data.midi import chunks
from apps.music.data.midi import clock as clock_lib
from apps.music.data.midi import events as events_lib
from apps.music.data.midi import keys
from common.errors import UserError

LOWEST, HIGHEST = 21, 108  # Pitches of the keys of a piano.
DRUMS = 9  # Channel 10.
MAX_HOURS = 24
MAX_WARNINGS = 5
MAX_BEATS = 2**20  # 24 hours at 728 beats a minute.


@dataclasses.dataclass(frozen=True)
class Notes:
    """The notes of a piece, by their start; arrays (notes,).

    Attributes:
      name: Of the file.
      start, end: float64, seconds.
      start_beat, end_beat: float64, quarter notes.
      pitch: int32, MIDI pitch from 21 to 108.
      velocity: int32, 1 to 127.
      channel: int32, 0 to 15.
      track: int32, number of the track in the file.
      seconds: Length of the piece.
      beats: Its length in quarter notes; the piece may end in silence.
      tempo: At the first note, in beats a minute.
      warnings: What is odd, one line each with the name of the file.
    """

    name: str
    start: np.ndarray
    end: np.ndarray
    start_beat: np.ndarray
    end_beat: np.ndarray
    pitch: np.ndarray
    velocity: np.ndarray
    channel: np.ndarray
    track: np.ndarray
    seconds: float
    beats: float
    tempo: float
    warnings: tuple[str, ...]


def read(content: bytes, name: str) -> Notes:
    """Returns the notes of a MIDI file.

    The sustain pedal lengthens notes; drums (channel 10) and notes that a piano
    does not have are left out. A track that is damaged is read up to the
    broken byte. Of independent tracks (kind 2), the first one with notes is
    read. Of a file whose note events are no complete note, there are none.

    Args:
      content: The file.
      name: Its name, for messages.

    Raises:
      UserError: It is not a MIDI file, has no notes for a piano, or is longer
        than 24 hours.
    """
    parts = chunks.read(content, name)
    warnings = list(parts.warnings)
    tracks = []
    for number, part in enumerate(parts.tracks, 1):
        track = events_lib.read(content, part.start, part.end)
        tracks.append(track)
        warnings += _oddities(number, part, track, len(content))
    if parts.kind == 2 and len(tracks) > 1:
        tracks, warning = _one_pattern(tracks)
        warnings.append(warning)
    end_tick = max((track.end_tick for track in tracks), default=0)
    tempos = [tempo for track in tracks for tempo in track.tempos]
    clock = clock_lib.Clock(parts.division, tempos)
    _check_length(clock, end_tick, name)
    if not any(_has_notes(track) for track in tracks):
        raise UserError(
            f"{_listed(name, warnings)} has no notes: choose a MIDI file with "
            "notes of an instrument."
        )
    paired, endless = keys.pair([track.events for track in tracks], end_tick)
    if endless:
        warnings.append(
            f"notes that never end, and last to the end of the piece: {endless}"
        )
    paired = _piano_notes(paired, warnings, name)
    return _notes(name, paired, clock, end_tick, warnings)


def _oddities(number, part, track, size):
    """Yields what is odd about a track."""
    if track.orphans:
        yield (
            f"messages without a status at the start of track {number}, "
            f"ignored: {track.orphans}"
        )
    if track.problem:
        yield (
            f"track {number} is read up to byte {track.end}, because "
            f"{track.problem}"
        )
    elif not track.is_ended and part.stated_end > size:
        yield f"track {number} is cut off at byte {size}, the end of the file"


def _has_notes(track):
    return any(event.kind != events_lib.CONTROL for event in track.events)


def _one_pattern(tracks):
    """Returns the first track with notes, as a list, and a warning."""
    number = next((n for n, t in enumerate(tracks) if _has_notes(t)), 0)
    return [tracks[number]], (
        f"its {len(tracks)} tracks are independent pieces (kind 2); track "
        f"{number + 1} is read"
    )


def _check_length(clock, end_tick, name):
    hours, beats = clock.seconds(end_tick) / 3600, clock.beats(end_tick)
    if hours > MAX_HOURS or beats > MAX_BEATS:
        raise UserError(
            f"{name} lasts {hours:,.0f} hours and {beats:,.0f} beats, at most "
            f"{MAX_HOURS} and {MAX_BEATS:,} are read: cut it, or export it "
            "again if its times are damaged."
        )


def _piano_notes(notes, warnings, name):
    """Returns the notes that a piano has; counts the others in `warnings`.

    Raises:
      UserError: Nothing is left.
    """
    pitched = [note for note in notes if note.channel != DRUMS]
    kept = [note for note in pitched if LOWEST <= note.pitch <= HIGHEST]
    drums, outside = len(notes) - len(pitched), len(pitched) - len(kept)
    dropped = []
    if drums:
        dropped.append(f"notes of drums (channel 10), left out: {drums}")
    if outside:
        dropped.append(
            f"notes outside the piano (pitches {LOWEST} to {HIGHEST}), left "
            f"out: {outside}"
        )
    if dropped and not kept:
        raise UserError(
            f"{name} has no note of an instrument within the piano ("
            f"{'; '.join(dropped)}): choose another file, or transpose it."
        )
    warnings += dropped
    return kept


def _notes(name, paired, clock, end_tick, warnings):
    rows = np.array(sorted(paired), np.int64).reshape(-1, 6)
    starts, ends, *columns = rows.T
    first = int(starts[0]) if len(rows) else 0
    return Notes(
        name,
        clock.seconds(starts),
        clock.seconds(ends),
        clock.beats(starts),
        clock.beats(ends),
        *(column.astype(np.int32) for column in columns),
        float(clock.seconds(end_tick)),
        float(clock.beats(end_tick)),
        clock.tempo(first),
        tuple(f"{name}: {warning}." for warning in _first(warnings)),
    )


def _listed(name, warnings):
    """Returns the name with what is odd about the file."""
    return f"{name} ({'; '.join(_first(warnings))})" if warnings else name


def _first(warnings):
    """Returns the first warnings: a damaged file may have thousands."""
    if len(warnings) <= MAX_WARNINGS:
        return warnings
    rest = len(warnings) - MAX_WARNINGS
    return [*warnings[:MAX_WARNINGS], f"further oddities: {rest}"]
