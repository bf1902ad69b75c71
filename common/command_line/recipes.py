"""Recipes: the flag files of an app, found by name from any folder."""

import os
import pathlib
import sys
from collections.abc import Sequence

from common.errors import UsageError


def folder_of(app_class: type) -> pathlib.Path:
    """Returns the folder of an app's recipes, in the checkout or installed."""
    page = getattr(sys.modules[app_class.__module__], "__file__", None)
    return pathlib.Path(page or "").parent / "recipes"


def with_recipes(argv: Sequence[str], folder: pathlib.Path) -> list[str]:
    """Returns `argv` with the options of a file for each `--flagfile=FILE`.

    FILE is looked up in the current folder first, then in `folder`. A file may
    have `--flagfile` lines, too; these are looked up next to that file first.
    All other words stay as they are, in their order.

    Raises:
      UsageError: there is no such file, or it includes itself.
    """
    return _expand(argv, folder, ())


def _expand(words, folder, including):
    """Expands the words of the last file of `including`, or of `argv`."""
    expanded = []
    words = iter(words)
    for word in words:
        if word == "--":  # What follows are no options.
            return [*expanded, word, *words]
        name, equals, value = word.partition("=")
        if name not in ("--flagfile", "-flagfile"):
            expanded.append(word)
            continue
        path = _find(value if equals else next(words, ""), folder, including)
        expanded += _expand(_lines(path), folder, (*including, path))
    return expanded


def _lines(path):
    # As in `argv`, bytes that are not UTF-8 are kept.
    lines = path.read_text(encoding="utf-8", errors="surrogateescape")
    lines = [line.strip() for line in lines.split("\n")]
    return [line for line in lines if line and not line.startswith(("#", "//"))]


def _find(name, folder, including):
    beside = [file.parent for file in including[-1:]]
    places = list(dict.fromkeys([*beside, pathlib.Path(), folder]))
    for place in places:
        path = place / os.path.expanduser(name)
        if path.is_dir() or not path.exists():
            continue
        if path.resolve() in [file.resolve() for file in including]:
            raise UsageError(f"--flagfile={name}: {path} includes itself.")
        return path
    where = f" in {including[-1]}" if including else ""
    recipes = ", ".join(sorted(path.name for path in folder.glob("*.flags")))
    raise UsageError(
        f"--flagfile={name}{where}: no such file in "
        f"{' or '.join(str(place.absolute()) for place in places)}. Name a "
        f"file or a recipe: {recipes or 'this app has none'}."
    )
