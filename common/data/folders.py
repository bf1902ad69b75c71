"""The inputs in the folders that words of the command line name."""

import os
import pathlib
import re
import sys
from collections.abc import Callable

LISTED = 5  # Files that are left out, in a message.


def expand(
    word: str, is_input: Callable[[pathlib.Path], bool], remedy: str
) -> list[str]:
    """Returns the inputs in a folder in natural order.

    What else the folder holds is named on standard error. A word that is not a
    folder stays, and so does a folder without inputs: reading it gives the
    reason.

    Args:
      word: Of the command line.
      is_input: Whether a path is an input.
      remedy: Ends the line, after the names of what is left out.
    """
    # An empty word is not the current folder. Of a name that is too long, isdir
    # returns False; pathlib raises.
    if not word or not os.path.isdir(word):
        return [word]
    try:
        paths = entries(pathlib.Path(word))
    except OSError:
        return [word]
    inputs = [path for path in paths if is_input(path)]
    if not inputs:
        return [word]
    rest = set(paths) - set(inputs)
    names = [path.name for path in paths if path in rest]
    if names:
        listed = ", ".join(names[:LISTED])
        if len(names) > LISTED:
            listed += f" and {len(names) - LISTED:,} more"
        print(f"{word}: left out {listed}{remedy}", file=sys.stderr)
    return [str(path) for path in inputs]


def entries(folder: pathlib.Path) -> list[pathlib.Path]:
    """Returns the paths in a folder in natural order.

    That is frame2 before frame10. Hidden files are left out: macOS adds one to
    each file.
    """
    paths = [p for p in folder.iterdir() if not p.name.startswith(".")]
    return sorted(paths, key=_natural_order)


def _natural_order(path):
    parts = re.split("([0-9]+)", path.name.casefold())
    parts[1::2] = map(int, parts[1::2])
    return parts, path.name
