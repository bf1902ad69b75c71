"""Remarks on tables of prices: each is printed once, however many files."""

import dataclasses
import sys


@dataclasses.dataclass
class _Places:
    first: str
    files: int = 0
    cells: int = 0


class Remarks:
    """Collects remarks on files, and prints each to standard error once."""

    def __init__(self) -> None:
        self._places: dict[str, _Places] = {}
        self._printed: set[str] = set()

    def add(self, text: str, place: str, cells: int = 0) -> None:
        """Adds a remark on a file.

        Args:
          text: The remark; the same for all files that it holds for.
          place: The file, and the line if there is one.
          cells: How many cells of the file it holds for; 0 if for all of it.
        """
        places = self._places.setdefault(text, _Places(place))
        places.files += 1
        places.cells += cells

    def print(self) -> None:
        """Prints the remarks that have not been printed yet."""
        for text, places in self._places.items():
            if text in self._printed:
                continue
            self._printed.add(text)
            where = places.first
            if places.files > 1:
                where += f", and {places.files - 1:,} more"
            count = f"{places.cells:,} " if places.cells else ""
            print(f"stock: {where}: {count}{text}", file=sys.stderr)
        self._places.clear()
