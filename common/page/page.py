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
      name: That of an input of signatures.
      label: For the user.
      kind: A text of several lines, a text of one line, a picture file, or a
        GIF or NumPy file of frames.
    """

    name: str
    label: str
    kind: Literal["text", "line", "image", "clip"] = "text"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Table:
    """A CSV file whose columns become several inputs of signatures.

    Attributes:
      name: Of the field.
      label: For the user.
      columns: For each input the columns of its last axis, each with the names
        that it may have: in lower case, of letters and digits only. The first
        column of the first input is required; numbers in others are 0 if they
        are absent.
      dates: The input of dates, by which rows are sorted.
      rows: The last rows are read, and all of this number are required.
      file_stem: The input that is the name of the file.
    """

    name: str
    label: str
    columns: Mapping[str, Sequence[Sequence[str]]]
    dates: str
    rows: int
    file_stem: str
    kind: Literal["table"] = "table"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Page:
    """The page of an app.

    Attributes:
      title: Of the app; from its name if it is empty.
      inputs: The form; a field for each input of `serve` if it is empty.
      views: From top to bottom; those whose signature a version does not have
        are left out.
    """

    title: str = ""
    inputs: Sequence[Input | Table] = ()
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
