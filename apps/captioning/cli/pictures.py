"""The pictures that words of the command line name."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from common.data import folders
from common.errors import UserError

EXTENSIONS = {".jpg", ".jpeg", ".jfif", ".png", ".gif", ".bmp", ".webp"}


class Picture(NamedTuple):
    """A picture, or the reason why there is none.

    Attributes:
      name: As in the command line.
      content: The bytes of the file; empty if it is not readable.
      problem: A sentence; empty if it is readable.
    """

    name: str
    content: bytes
    problem: str


def expand_folder(word: str) -> list[str]:
    """Returns the pictures of a folder, or the word; see `folders.expand`."""
    remedy = (
        f", which have none of the extensions {', '.join(sorted(EXTENSIONS))}: "
        "convert them if they are pictures."
    )
    return folders.expand(word, _is_picture, remedy)


def _is_picture(path):
    return path.suffix.lower() in EXTENSIONS and not path.is_dir()


def read(
    names: Sequence[str], test_example: Callable[[str], dict | None]
) -> Iterator[Picture]:
    """Yields the pictures, readable or not.

    Args:
      names: Of files or test examples.
      test_example: See `Interface.test_example`.
    """
    from common.images import decode

    for name in names:
        try:
            content = _content(name, test_example)
            decode.check(content)
        except OSError as error:
            problem = f"{name} cannot be read: {error.strerror}."
            yield Picture(name, b"", problem)
        except UserError as error:
            yield Picture(name, b"", str(error))
        except ValueError as error:
            yield Picture(name, b"", f"{name} {error}.")
        else:
            yield Picture(name, content, "")


def _content(name, test_example):
    """Returns the bytes of a file or a test example."""
    if not name:
        raise UserError(
            "The name of a picture is empty: pass a file, a folder, or a test "
            "example such as test:3."
        )
    example = test_example(name)
    if example is not None:
        return example["image_bytes"].numpy()
    if os.path.isdir(name):
        raise UserError(
            f"{name} has no pictures: pass a folder with files of the "
            f"extensions {', '.join(sorted(EXTENSIONS))}."
        )
    return pathlib.Path(name).read_bytes()
