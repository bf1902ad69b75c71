"""Pairs the beginnings and ends of notes, as a keyboard with a pedal would."""

from typing import NamedTuple

from apps.music.data.midi import events as events_lib

# Controls.
PEDAL, SOUND_OFF, RESET, ALL_NOTES_OFF = 64, 120, 121, 123
PEDAL_DOWN = 64  # Least value.


class TickNote(NamedTuple):
    """A note; times in ticks."""

    start: int
    end: int
    pitch: int
    velocity: int
    channel: int
    track: int


class _Key(NamedTuple):
    """A key that is down, or whose note the pedal holds."""

    start: int
    velocity: int
    is_restruck: bool


def pair(
    tracks: list[list[events_lib.Event]], end: int
) -> tuple[list[TickNote], int]:
    """Returns the notes by their end, and the number of those that never end.

    A note lasts until its key is released, or as long as the sustain pedal of
    its channel is down; at the latest until its key is struck again. Notes that
    never end last until the end of the piece. Those of no length are left out.

    Args:
      tracks: The events of each track, sorted by tick.
      end: Tick at which the piece ends.
    """
    keyboard = _Keyboard()
    merged = [(e.tick, t, e) for t, events in enumerate(tracks) for e in events]
    merged.sort(key=lambda entry: entry[:2])
    for _, track, event in merged:
        keyboard.play(track, event)
    return keyboard.notes, keyboard.finish(end)


class _Keyboard:
    """The keys of 16 channels; a key is a pair of a track and a pitch."""

    def __init__(self):
        self.notes = []
        self._held = [{} for _ in range(16)]
        self._sustained = [{} for _ in range(16)]
        self._is_pedal_down = [False] * 16

    def play(self, track, event):
        tick, kind, channel, number, value = event
        if kind == events_lib.NOTE_ON:
            self._strike(tick, channel, (track, number), value)
        elif kind == events_lib.NOTE_OFF:
            self._release(tick, channel, (track, number))
        elif number == PEDAL:
            self._move_pedal(tick, channel, value >= PEDAL_DOWN)
        elif number == RESET:
            self._move_pedal(tick, channel, False)
        elif number == SOUND_OFF:
            self._end_all(tick, channel, self._held)
            self._end_all(tick, channel, self._sustained)
        elif number >= ALL_NOTES_OFF:
            for place in list(self._held[channel]):
                self._release(tick, channel, place)

    def finish(self, end):
        """Ends all notes; returns the number of those that are still held."""
        count = sum(
            key.start < end for keys in self._held for key in keys.values()
        )
        for channel in range(16):
            self._end_all(end, channel, self._held)
            self._end_all(end, channel, self._sustained)
        return count

    def _strike(self, tick, channel, place, velocity):
        is_held = place in self._held[channel]
        is_restruck = is_held and self._held[channel][place].start < tick
        self._end(tick, channel, place, self._held)
        self._end(tick, channel, place, self._sustained)
        self._held[channel][place] = _Key(tick, velocity, is_restruck)

    def _release(self, tick, channel, place):
        key = self._held[channel].get(place)
        if key is None:
            return
        if key.is_restruck and key.start == tick:
            # The end of the note before, in a file that has it after the
            # beginning of the next one.
            self._held[channel][place] = key._replace(is_restruck=False)
        elif self._is_pedal_down[channel]:
            self._sustained[channel][place] = self._held[channel].pop(place)
        else:
            self._end(tick, channel, place, self._held)

    def _move_pedal(self, tick, channel, is_down):
        self._is_pedal_down[channel] = is_down
        if not is_down:
            self._end_all(tick, channel, self._sustained)

    def _end_all(self, tick, channel, keys):
        for place in list(keys[channel]):
            self._end(tick, channel, place, keys)

    def _end(self, tick, channel, place, keys):
        key = keys[channel].pop(place, None)
        if key and key.start < tick:
            track, pitch = place
            self.notes.append(
                TickNote(key.start, tick, pitch, key.velocity, channel, track)
            )
