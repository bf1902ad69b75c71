"""The views of music; see `common.page.views`."""

from __future__ import annotations

import dataclasses

from common.page.views import View


@dataclasses.dataclass(frozen=True, kw_only=True)
class PianoRoll(View):
    """The notes of a piece, which can be heard, and its MIDI file.

    Attributes:
      given: Name of an input of kind "piano_roll", or of its melody: the notes
        of the piece that it has are drawn in another color.
      roll: (rows, frames, 88) of zeros and ones.
      frames: (rows,), number of frames of the piece.
      midi: (rows,), the MIDI file; the name of the output ends with "_bytes".
      frames_per_beat: Frames of a quarter note (no output).
      tempo: Quarter notes a minute (no output).
      given_frames: Frames of the input that the model reads, the first ones
        (no output); 0 if it reads all.
    """

    kind = "piano_roll"
    given: str
    roll: str
    frames: str
    midi: str
    frames_per_beat: int
    tempo: float
    given_frames: int = 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class FrameSurprise(View):
    """How surprising each frame of given notes is, and the least expected ones.

    Attributes:
      given: Name of an input of kind "piano_roll".
      nats: (rows, frames), the negative log-likelihood of each frame.
      mean: (rows,), in nats per frame.
      frames_per_beat: Frames of a quarter note (no output).
    """

    kind = "frame_surprise"
    given: str
    nats: str
    mean: str
    frames_per_beat: int
