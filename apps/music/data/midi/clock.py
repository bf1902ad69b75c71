"""Ticks of a MIDI file as beats and seconds."""

import numpy as np

DEFAULT_TEMPO = 500_000  # Microseconds a quarter note: 120 beats a minute.
# Frames a second of SMPTE time code; 29 stands for the one that drops frames.
SMPTE_RATES = {29: 30_000 / 1001}


class Clock:
    """The tempos of a piece.

    Files in SMPTE time have no beats: their seconds are those of 120 beats a
    minute, whatever tempos they state.

    Args:
      division: Of the header, see `chunks.Chunks`.
      tempos: Pairs of a tick and microseconds a quarter note, in any order.
    """

    def __init__(self, division: int, tempos: list[tuple[int, int]]):
        if division < 0:
            rate = -(division >> 8)
            self._ticks_per_second = (division & 255) * SMPTE_RATES.get(
                rate, rate
            )
            self._division = self._ticks_per_second / 2
            tempos = []
        else:
            self._division = division
        # Of several at the same tick, the last one holds.
        by_tick = {0: DEFAULT_TEMPO} | dict(sorted(tempos, key=_tick_of))
        self._ticks = np.array(list(by_tick), np.float64)
        self._tempos = np.array(list(by_tick.values()), np.float64)
        spans = np.diff(self._ticks) / self._division
        seconds = np.cumsum(spans * self._tempos[:-1] / 1e6)
        self._seconds = np.append(0.0, seconds)

    def beats(self, ticks: np.ndarray) -> np.ndarray:
        """Returns the time of ticks in quarter notes."""
        return np.asarray(ticks, np.float64) / self._division

    def seconds(self, ticks: np.ndarray) -> np.ndarray:
        """Returns the time of ticks in seconds."""
        ticks = np.asarray(ticks, np.float64)
        place = self._place(ticks)
        beats = (ticks - self._ticks[place]) / self._division
        return self._seconds[place] + beats * self._tempos[place] / 1e6

    def tempo(self, tick: int) -> float:
        """Returns the tempo at a tick, in beats a minute."""
        return float(6e7 / self._tempos[self._place(tick)])

    def _place(self, ticks):
        return np.searchsorted(self._ticks, ticks, "right") - 1


def _tick_of(tempo):
    return tempo[0]
