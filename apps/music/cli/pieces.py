"""Pieces that words of the command line name, and the files of answers."""

import pathlib
from typing import NamedTuple

import numpy as np

from apps.music.data import rolls
from apps.music.data.midi import quantization
from apps.music.data.midi import reader
from apps.music.evaluation import collapse
from common import file_interface
from common import files as files_lib
from common.errors import UserError

# As piece_reader.MAX_FRAMES, whose module imports TensorFlow.
MAX_FRAMES = 10_000


class Piece(NamedTuple):
    """A piece that a word of the command line names.

    Attributes:
      name: As in the command line.
      frames: int32 (frames, 88) of keys, (frames, 4) of the MIDI pitches of
        voices, or (frames, 1) of those of a melody.
      warnings: What is odd about the file.
      padded_length: Frames and padding; those of a test example are padded to
        the longest one.
    """

    name: str
    frames: np.ndarray
    warnings: tuple[str, ...]
    padded_length: int


FORMS = {
    "roll": quantization.roll,
    "voices": quantization.voices,
    "melody": lambda notes, frames: quantization.melody(notes, frames)[:, None],
}


def read(name: str, form: str, frames_per_beat: int) -> Piece:
    """Returns the piece of a MIDI file.

    Args:
      name: Of the file.
      form: A key of `FORMS`.
      frames_per_beat: Frames of a quarter note.

    Raises:
      UserError: The file cannot be read, or not in this form.
    """
    try:
        content = pathlib.Path(name).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"Cannot read {name}: {reason}: check the path."
        ) from error
    notes = reader.read(content, name)
    frames = FORMS[form](notes, frames_per_beat)
    if len(frames) > MAX_FRAMES:
        raise UserError(
            f"{name} has {len(frames):,} frames, and at most {MAX_FRAMES:,} "
            "are read: divide it into parts."
        )
    return Piece(name, frames, notes.warnings, len(frames))


def of_example(name: str, example: dict, form: str) -> Piece:
    """Returns the piece of a test example.

    Args:
      name: Such as test:3.
      example: Its `x`.
      form: See `read`.
    """
    (frames,) = (value.numpy() for value in example.values())
    length = len(frames)
    frames = frames[frames[:, 0] >= 0]
    if form == "melody":
        frames = frames[:, :1]
    return Piece(name, frames, (), length)


def pitches(frames: np.ndarray) -> np.ndarray:
    """Returns the MIDI pitches of all notes of all frames."""
    if frames.shape[1] == rolls.KEYS:
        return np.nonzero(frames > 0)[1] + rolls.LOWEST
    return frames[frames > 0]


class Folder:
    """Writes the files of pieces, each a .mid, a .wav and a .png file.

    Args:
      folder: Of the files.
      tempo: Beats per minute.
      frames_per_beat: Frames of a quarter note.
    """

    def __init__(
        self, folder: pathlib.Path, tempo: float, frames_per_beat: int
    ):
        self._folder = folder
        self._tempo, self._frames_per_beat = tempo, frames_per_beat
        self._detector = collapse.CollapseDetector((), frames_per_beat)
        self._stems = file_interface.FileStems()

    def write(
        self,
        name: str,
        midi: bytes,
        frames: np.ndarray,
        primer_frames: int = 0,
        ending: str = "",
    ) -> str:
        """Writes the files of a piece.

        Args:
          name: Its file has this stem, with a number if there is one already.
          midi: The .mid file.
          frames: The same music, (frames, 88) or (frames, 4).
          primer_frames: Of which as many are not composed.
          ending: Of the stem, such as "-continued".

        Returns:
          The names of the files; of a piece that has collapsed, which is
          reported and not written, the reason.
        """
        from apps.music.cli import figures
        from apps.music.cli import synthesis
        from common.evaluation import plots

        composed = frames[primer_frames:]
        reason = self._detector.reason(composed) if len(composed) else ""
        if reason:
            return (
                f"collapsed ({reason}), not written: choose another "
                "--temperature or --sampling_seed"
            )
        path = self._folder / self._stems.unique(name, "piece", ending)
        music = self._tempo, self._frames_per_beat
        files_lib.write_bytes(path.with_name(f"{path.name}.mid"), midi)
        sound = synthesis.frames_wav(frames, *music)
        files_lib.write_bytes(path.with_name(f"{path.name}.wav"), sound)
        figure = figures.piano_roll(
            frames, self._frames_per_beat, primer_frames, title=name
        )
        plots.save(figure, path.with_name(f"{path.name}.png"))
        return f"{path}.mid .wav .png"
