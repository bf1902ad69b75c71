"""The page of an app in a browser: its form, and the views of its answers.

A `PagedInterface` describes it, the export stores the description beside the
SavedModel, and the server shows it; see docs/page.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Literal
from typing import Protocol
from typing import runtime_checkable

from common.page import views as views_lib


@dataclasses.dataclass(frozen=True, kw_only=True)
class Input:
    """A field of the form.

    Attributes:
      name: Name of the input of the signatures.
      label: Label that the user reads.
      kind: "text" is a text of several lines, "line" a text of one line,
        "image" a picture file, "clip" a GIF or NumPy file of frames,
        "recording" a WAV file: files of other formats and recordings from the
        microphone are converted by the browser.
    """

    name: str
    label: str
    kind: Literal["text", "line", "image", "clip", "recording"] = "text"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Table:
    """A CSV file whose columns become several inputs of signatures.

    Attributes:
      name: Name of the field.
      label: Label that the user reads.
      columns: For each input of the signatures, the columns that make up its
        last axis. Each column is a list of the names that it may have in the
        file, in lower case, of letters and digits only. The first column of
        the first input is required; the numbers of another column are 0 if
        the file does not have it.
      dates: Name of the input that gets the dates; rows are sorted by them.
      rows: Number of rows that the signatures read: the last ones of the file,
        which must have at least as many.
      file_stem: Name of the input that gets the name of the file, without its
        ending.
    """

    name: str
    label: str
    columns: Mapping[str, Sequence[Sequence[str]]]
    dates: str
    rows: int
    file_stem: str
    kind: Literal["table"] = "table"


@dataclasses.dataclass(frozen=True, kw_only=True)
class PianoRoll:
    """An editor of notes, which become the frames of a piece.

    A piece ends with the last beat that has a note. Without notes it is one
    frame of -1.

    Attributes:
      name: Name of the input of the signatures.
      label: Label that the user reads.
      frames_per_beat: Frames of a quarter note.
      tempo: Quarter notes a minute, when the notes are played.
      lowest: Lowest MIDI pitch that the editor has, from 21.
      highest: Highest one, to 108.
      voices: Number of voices: the input has (frames, voices) MIDI pitches,
        from the highest note to the lowest, 0 where there are fewer. If 0, it
        has (frames, 88) zeros and ones; the first key is A0.
      melody: Name of an input that gets the highest notes alone, (frames,)
        MIDI pitches; empty if there is none.
    """

    name: str
    label: str
    frames_per_beat: int
    tempo: float
    lowest: int
    highest: int
    voices: int = 0
    melody: str = ""
    kind: Literal["piano_roll"] = "piano_roll"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Page:
    """The page of an app.

    Attributes:
      title: Title of the page; made from the name of the app if it is empty.
      inputs: Fields of the form; if empty, one for each input of `serve`.
      views: Views of the answer, from top to bottom. Those of a signature that
        the exported version does not have are left out.
    """

    title: str = ""
    inputs: Sequence[Input | Table | PianoRoll] = ()
    views: Sequence[views_lib.View] = (views_lib.Outputs(),)

    def to_json(self) -> dict[str, Any]:
        """Returns the description as plain values."""
        return {
            "title": self.title,
            "inputs": [dataclasses.asdict(field) for field in self.inputs],
            "views": [
                {"kind": view.kind, **dataclasses.asdict(view)}
                for view in self.views
            ],
        }


@runtime_checkable
class PagedInterface(Protocol):
    """An `Interface` with this describes the page of its app."""

    def page(self) -> Page:
        """Returns the description."""
