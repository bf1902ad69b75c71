"""The pictures that words of the command line name."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from common.errors import UserError

EXTENSIONS = {".jpg", ".jpeg", ".png", ".gif", ".bmp"}


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


def expand_folders(words: Sequence[str]) -> list[str]:
    """Returns the words, with the pictures of a folder in its place.

    Raises:
      UserError: A folder has no pictures.
    """
    names = []
    for word in words:
        if not pathlib.Path(word).is_dir():
            names.append(word)
            continue
        files = sorted(pathlib.Path(word).iterdir())
        pictures = [f for f in files if f.suffix.lower() in EXTENSIONS]
        if not pictures:
            raise UserError(
                f"{word} has no pictures: pass a folder with files of the "
                f"extensions {', '.join(sorted(EXTENSIONS))}."
            )
        names.extend(map(str, pictures))
    return names


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
            example = test_example(name)
            if example is None:
                content = pathlib.Path(name).read_bytes()
            else:
                content = example["image_bytes"].numpy()
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
