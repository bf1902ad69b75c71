"""The pictures that words of the command line name."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from common.errors import UserError

EXTENSIONS = {".jpg", ".jpeg", ".jfif", ".png", ".gif", ".bmp", ".webp"}
LISTED = 5  # Files that are left out, in a message.


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

    Prints to standard error which files of a folder are left out. Hidden files
    are no pictures: macOS adds one to each file.

    Raises:
      UserError: A folder has no pictures.
    """
    names = []
    for word in words:
        if not pathlib.Path(word).is_dir():
            names.append(word)
            continue
        files = sorted(
            file
            for file in pathlib.Path(word).iterdir()
            if not file.name.startswith(".") and not file.is_dir()
        )
        pictures = [f for f in files if f.suffix.lower() in EXTENSIONS]
        _report_left_out(word, [f.name for f in files if f not in pictures])
        if not pictures:
            raise UserError(
                f"{word} has no pictures: pass a folder with files of the "
                f"extensions {', '.join(sorted(EXTENSIONS))}."
            )
        names.extend(map(str, pictures))
    return names


def _report_left_out(folder, names):
    if not names:
        return
    listed = ", ".join(names[:LISTED])
    if len(names) > LISTED:
        listed += f" and {len(names) - LISTED:,} more"
    print(
        f"{folder}: left out {listed}, which have none of the extensions "
        f"{', '.join(sorted(EXTENSIONS))}: convert them if they are pictures.",
        file=sys.stderr,
    )


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
