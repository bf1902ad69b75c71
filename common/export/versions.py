"""The versions of an exported model in a folder."""

import pathlib
from collections.abc import Callable

from common import files
from common.errors import UserError


def numbers(folder: pathlib.Path) -> list[int]:
    """Returns the numbers of the versions in ascending order."""
    if not folder.is_dir():
        return []
    names = [child.name for child in folder.iterdir()]
    return sorted(int(name) for name in names if name.isdecimal())


def publish(
    folder: pathlib.Path, write: Callable[[pathlib.Path], None]
) -> pathlib.Path:
    """Writes the next version in a folder.

    It is written under a temporary name and renamed: a program that polls the
    folder, as a server does, sees all of it or nothing.

    Args:
      folder: Holds the versions 1, 2, ...
      write: Writes the version to the path that it is given.

    Returns:
      The folder of the new version.
    """
    number = 1 + max(numbers(folder), default=0)
    while True:
        try:
            with files.written_beside(folder / str(number)) as beside:
                write(beside)
            return folder / str(number)
        except UserError:
            if not (folder / str(number)).exists():
                raise
            number += 1  # Another process took this number.
