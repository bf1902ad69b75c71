"""The bytes of a MIDI file, within a graph.

`apps.music.data.midi` describes the format. The files are of kind 1: a track
with tempo and meter, and one for the keys or for each voice.
"""

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

LOWEST, KEYS = 21, 88  # Pitches of a piano.
TICKS = 480  # A quarter note, at least; sequencers expect about that.
MICROSECONDS = 60e6  # A minute.
MAX_TEMPO = 2**24 - 1  # Microseconds a quarter note, in three bytes.
NOTE_OFF, NOTE_ON, PROGRAM = 0x80, 0x90, 0xC0
TEMPO = b"\0\xff\x51\x03"
METER = b"\0\xff\x58\x04\x04\x02\x18\x08"  # 4/4.
END_OF_TRACK = b"\xff\x2f\0"
BYTES = [bytes([code]) for code in range(256)]


class _Part(NamedTuple):
    """A track: its name, and its program in General MIDI, from 0 on."""

    name: str
    program: int


PIANO = (_Part("Piano", 0),)
CHOIR = tuple(
    _Part(name, 52) for name in ("Soprano", "Alto", "Tenor", "Bass")
)  # "Choir aahs".


class _Events(NamedTuple):
    """Beginnings and ends of notes, in the order of the file; int32 (events,).

    Attributes:
      row: Number of the track in the batch.
      frame: Time.
      is_start: 1: note on; 0: note off.
      pitch: MIDI pitch.
    """

    row: tf.Tensor
    frame: tf.Tensor
    is_start: tf.Tensor
    pitch: tf.Tensor


def midi_file(
    frames: tf.Tensor,
    tempo: tf.Tensor,
    frames_per_beat: int,
    velocity: int = 80,
    programs: Sequence[int] = (),
) -> tf.Tensor:
    """Returns MIDI files of rolls or of four voices, strings (batch,).

    Equal frames in a row are one note. A file is exactly as long as its
    frames, even if the last ones are silent.

    Args:
      frames: int32 (batch, frames, 88), whether a key sounds; or
        (batch, frames, 4), the pitches of soprano, alto, tenor, bass, 0:
        silence. Negative: after the end.
      tempo: Beats (quarter notes) a minute, () or (batch,); at least 3.6.
      frames_per_beat: Frames a quarter note.
      velocity: Of all notes, 1 to 127.
      programs: Of each track, from 0 to 127 as General MIDI numbers them
        (0: acoustic grand piano); otherwise piano, and choir for voices.
    """
    parts = PIANO if frames.shape[2] == KEYS else CHOIR
    if programs:
        parts = [p._replace(program=n) for p, n in zip(parts, programs)]
    batch = tf.shape(frames)[0]
    ticks = -(-TICKS // frames_per_beat)  # A frame.
    lengths = tf.reduce_sum(tf.cast(frames[:, :, 0] >= 0, tf.int32), 1)
    ends = tf.strings.join([_number(ticks * lengths), END_OF_TRACK])
    tempo = tf.broadcast_to(tf.cast(tempo, tf.float32), [batch])
    conductor = _chunk(TEMPO, _tempo_bytes(tempo), METER, ends)
    events = _note_events(_pitches(frames), len(parts))
    tracks = _tracks(events, lengths, ticks, velocity, parts)
    header = b"MThd" + b"".join(
        number.to_bytes(size)
        for number, size in (
            *((6, 4), (1, 2)),
            (len(parts) + 1, 2),
            (ticks * frames_per_beat, 2),
        )
    )
    return tf.strings.join([header, conductor, tracks])


def _pitches(frames):
    """Returns the pitch of each column, 0: silence; of the shape of frames."""
    if frames.shape[2] == KEYS:
        return tf.where(frames > 0, LOWEST + tf.range(KEYS), 0)
    return tf.maximum(frames, 0)


def _note_events(pitches, tracks):
    """Returns the events of the tracks, each an equal share of the columns."""
    batch, frames, columns = tf.unstack(tf.shape(pitches))
    pitches = tf.reshape(pitches, [batch, frames, tracks, columns // tracks])
    pitches = tf.pad(pitches, [[0, 0], [1, 1], [0, 0], [0, 0]])
    pitches = tf.transpose(pitches, [0, 2, 1, 3])
    before, after = pitches[:, :, :-1], pitches[:, :, 1:]
    # Ends come first: a key is released before it is struck again.
    values = tf.stack([before, after], 3)
    is_event = (values > 0) & (before != after)[:, :, :, tf.newaxis]
    places = tf.cast(tf.where(is_event), tf.int32)
    example, track, frame, is_start, _ = tf.unstack(places, axis=1)
    pitch = tf.gather_nd(values, places)
    return _Events(example * tracks + track, frame, is_start, pitch)


def _tracks(events, lengths, ticks, velocity, parts):
    """Returns the chunks of all tracks of a file, strings (batch,)."""
    rows = tf.size(lengths) * len(parts)
    channel = events.row % len(parts)
    status = tf.where(events.is_start > 0, NOTE_ON, NOTE_OFF) + channel
    # The first event of a row counts from the start of the piece.
    is_same = tf.concat([[False], events.row[1:] == events.row[:-1]], 0)[
        : tf.size(events.row)
    ]
    previous = tf.where(is_same, tf.roll(events.frame, 1, 0), 0)
    messages = tf.strings.join(
        [
            _number(ticks * (events.frame - previous)),
            _byte(status),
            _byte(events.pitch),
            BYTES[velocity],
        ]
    )
    notes = tf.strings.unsorted_segment_join(messages, events.row, rows)
    # Without any event, the maximum is the least integer.
    last = tf.math.unsorted_segment_max(events.frame, events.row, rows)
    rest = tf.repeat(lengths, len(parts)) - tf.maximum(last, 0)
    starts = tf.tile(
        tf.constant([_start(n, part) for n, part in enumerate(parts)]),
        [tf.size(lengths)],
    )
    chunks = _chunk(starts, notes, _number(ticks * rest), END_OF_TRACK)
    return tf.strings.reduce_join(tf.reshape(chunks, [-1, len(parts)]), 1)


def _start(channel, part):
    """Returns the first events of a track: its name, its program."""
    name = part.name.encode()
    named = b"\0\xff\x03" + BYTES[len(name)] + name
    return named + bytes([0, PROGRAM + channel, part.program])


def _chunk(*parts):
    """Returns the chunks of tracks, strings (tracks,)."""
    content = tf.strings.join(parts)
    size = tf.strings.length(content)
    return tf.strings.join([b"MTrk", *_big_endian(size, 4), content])


def _tempo_bytes(tempo):
    """Returns the microseconds of a quarter note, strings (batch,)."""
    microseconds = tf.clip_by_value(
        tf.round(MICROSECONDS / tempo), 1.0, float(MAX_TEMPO)
    )
    return tf.strings.join(_big_endian(tf.cast(microseconds, tf.int32), 3))


def _big_endian(numbers, size):
    """Returns the bytes of integers, the highest one first."""
    return [
        _byte(tf.bitwise.right_shift(numbers, 8 * n) & 255)
        for n in reversed(range(size))
    ]


def _number(numbers):
    """Returns integers below 2 ** 28 in variable length: 7 bits a byte."""
    parts = [_byte(numbers & 127)]
    for shift in (7, 14, 21):
        rest = tf.bitwise.right_shift(numbers, shift)
        parts.insert(0, tf.where(rest > 0, _byte(128 + (rest & 127)), ""))
    return tf.strings.join(parts)


def _byte(codes):
    """Returns integers from 0 to 255 as strings of one byte."""
    return tf.gather(tf.constant(BYTES), codes)
