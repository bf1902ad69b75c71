"""The events of a track of a MIDI file.

An event is the number of ticks since the one before and a message: a status
byte (128 or more) and data bytes (below 128). Without a status byte, the one
before is repeated ("running status"). Integers of variable length have 7 bits a
byte, the last byte being below 128.

    status      message                 data
    8c          note off                pitch, velocity
    9c          note on                 pitch, velocity; 0: note off
    bc          control                 number, value
    ac ec       pressure, bend          2 bytes
    cc dc       program, pressure       1 byte
    f0 f7       system exclusive        size (variable length), content
    ff          meta                    type, size (variable length), content

c: the channel, 0 to 15.
"""

from typing import NamedTuple

NOTE_OFF, NOTE_ON, CONTROL = 0x80, 0x90, 0xB0
META, TEMPO, END_OF_TRACK = 0xFF, 0x51, 0x2F
SYSTEM_EXCLUSIVE = (0xF0, 0xF7)
DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
# Of messages that belong on a cable; some files have them.
SYSTEM_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}
MAX_VARIABLE_LENGTH = 4  # Bytes.


class Event(NamedTuple):
    """A note or control message.

    Attributes:
      tick: Since the start of the track.
      kind: `NOTE_OFF`, `NOTE_ON` or `CONTROL`.
      channel: 0 to 15.
      number: The pitch, or number of the control.
      value: The velocity, or value of the control.
    """

    tick: int
    kind: int
    channel: int
    number: int
    value: int


class TrackEvents(NamedTuple):
    """The events of a track.

    Attributes:
      events: Notes and controls.
      tempos: Pairs of a tick and microseconds a quarter note.
      end_tick: Of the last complete event, of any kind.
      end: Offset after it.
      is_ended: Whether it is the end of the track.
      orphans: Number of messages without a status, which are ignored.
      problem: Why reading stopped before the end; otherwise empty.
    """

    events: list[Event]
    tempos: list[tuple[int, int]]
    end_tick: int
    end: int
    is_ended: bool
    orphans: int
    problem: str


class _Broken(Exception):
    """The track cannot be read any further; says why."""


def read(content: bytes, start: int, end: int) -> TrackEvents:
    """Returns the events of a track, up to its end or to a broken byte.

    Args:
      content: The file.
      start: Offset of the first event.
      end: Offset after the last one, if the track has no end of its own.
    """
    reader = _Reader(content, start, end)
    problem = ""
    try:
        while reader.offset < end and not reader.is_ended:
            reader.read_event()
    except _Broken as error:
        problem = str(error)
    return TrackEvents(
        reader.events,
        reader.tempos,
        reader.end_tick,
        reader.end_offset,
        reader.is_ended,
        reader.orphans,
        problem,
    )


class _Reader:
    def __init__(self, content, start, limit):
        self._content = content
        self._limit = limit
        self._tick = 0
        self._status = 0
        self.offset = start
        self.events, self.tempos = [], []
        self.end_tick, self.end_offset = 0, start
        self.is_ended = False
        self.orphans = 0

    def read_event(self):
        self._tick += self._variable_length()
        status = self._byte()
        if status < 0x80:
            self.offset -= 1
            self._read_message(self._status)
        elif status == META:
            self._read_meta()
        elif status in SYSTEM_EXCLUSIVE:
            self._bytes(self._variable_length())
        elif status > 0xF0:
            for _ in range(SYSTEM_DATA_BYTES.get(status, 0)):
                self._data_byte()
        else:
            # Meta and system messages leave it, as in files of sequencers
            # that forget to repeat it.
            self._status = status
            self._read_message(status)
        self.end_tick, self.end_offset = self._tick, self.offset

    def _read_message(self, status):
        kind = status & 0xF0
        # Without any status, the sizes of most messages.
        count = DATA_BYTES.get(kind, 2)
        data = [self._data_byte() for _ in range(count)]
        if not status:
            self.orphans += 1
        elif kind in (NOTE_OFF, NOTE_ON, CONTROL):
            if kind == NOTE_ON and not data[1]:
                kind = NOTE_OFF
            self.events.append(Event(self._tick, kind, status & 15, *data))

    def _read_meta(self):
        kind = self._byte()
        data = self._bytes(self._variable_length())
        if kind == END_OF_TRACK:
            self.is_ended = True
        elif kind == TEMPO and len(data) == 3 and any(data):
            self.tempos.append((self._tick, int.from_bytes(data)))

    def _variable_length(self):
        number = 0
        for _ in range(MAX_VARIABLE_LENGTH):
            code = self._byte()
            number = number << 7 | code & 0x7F
            if code < 0x80:
                return number
        raise _Broken(
            f"a number at byte {self.offset} has more than "
            f"{MAX_VARIABLE_LENGTH} bytes"
        )

    def _data_byte(self):
        code = self._byte()
        if code >= 0x80:
            raise _Broken(f"byte {self.offset - 1} is {code}, 127 at most")
        return code

    def _byte(self):
        if self.offset >= self._limit:
            raise _Broken(f"it is cut off at byte {self._limit}")
        self.offset += 1
        return self._content[self.offset - 1]

    def _bytes(self, size):
        end = self.offset + size
        if end > self._limit:
            raise _Broken(f"it is cut off at byte {self._limit}")
        self.offset = end
        return self._content[end - size : end]
