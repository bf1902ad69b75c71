"""Names of files in lists and tables."""

import pathlib

from common.data import text_files


def path_within(folder: pathlib.Path, name: object) -> pathlib.Path:
    """Returns the path of a file that a list names.

    Raises:
      ValueError: It is no name of a file, or leads out of the folder.
    """
    if not isinstance(name, str) or not name or "\0" in name:
        raise ValueError(f"{str(name)[:60]!r} is no name of a file")
    text_files.require_utf8(name)
    parts = pathlib.PurePath(name).parts
    if pathlib.PurePath(name).is_absolute() or ".." in parts:
        raise ValueError(f"{name[:60]!r} leads out of {folder}")
    if max(len(part.encode()) for part in parts) > 255:
        raise ValueError(f"{name[:60]!r}... is longer than 255 bytes")
    return folder / name
