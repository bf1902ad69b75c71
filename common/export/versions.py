"""The versions of a SavedModel in a folder."""

import pathlib


def numbers(folder: pathlib.Path) -> list[int]:
    """Returns the numbers of the versions in ascending order."""
    if not folder.is_dir():
        return []
    names = [child.name for child in folder.iterdir()]
    return sorted(int(name) for name in names if name.isdecimal())
