"""Unreadable records: skipped, counted and listed."""

import pathlib
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from common import files
from common.errors import UserError


class BadRecords:
    """Reads records; skips, counts and lists those that are unreadable.

    Missing records are counted separately and without a limit, because only a
    part of a data set may be present.

    Args:
      path: The .csv file that will list them: file, position, problem.
      allowed: Share of unreadable records that is tolerated.
    """

    def __init__(self, path: pathlib.Path, allowed: float):
        self.path, self.allowed = path, allowed
        self._unreadable: list[dict] = []
        self._missing: list[dict] = []
        self._total = 0

    def readable(
        self,
        records: Iterable[tuple[str, int, Any]],
        decode: Callable[[Any], Any],
    ) -> Iterator[Any]:
        """Yields the decoded readable records.

        Args:
          records: Triples: the name of a file, the position in it (number of
            a line, row or record), and its content.
          decode: Decodes the bytes; raises ValueError for a bad record.

        Raises:
          UserError: At the end, if more records are bad than allowed.
        """
        for file, position, content in records:
            self._total += 1
            try:
                value = decode(content)
            except ValueError as error:
                problem = " ".join(str(error).split())
                # Bytes that are not UTF-8 are surrogates in a text.
                problem = problem.encode(errors="backslashreplace").decode()
                self._unreadable.append(_row(file, position, problem))
            else:
                yield value
        if len(self._unreadable) > self.allowed * self._total:
            self._refuse()

    def absent(self, file: str, position: int) -> None:
        """Skips a record that an index lists, but that does not exist.

        Args:
          file: Name of the missing file, or of the file that lacks a record.
          position: Number of the record in the file.
        """
        self._missing.append(_row(file, position, "missing"))

    def _refuse(self):
        files.write_csv(self.path, self._unreadable)
        first = self._unreadable[0]
        raise UserError(
            f"{self._count()} cannot be read, more than --bad_record_share="
            f"{self.allowed:g} allows. The first is {first['file']}, "
            f"{first['position']}: {first['problem']}. Fix or remove the "
            f"records listed in {self.path}, or allow more."
        )

    def report(self) -> None:
        """Writes the list of skipped records, and prints their number."""
        rows = self._unreadable + self._missing
        if not rows:
            with files.writable(self.path):
                self.path.unlink(missing_ok=True)
            return
        files.write_csv(self.path, rows)
        parts = []
        if self._unreadable:
            parts.append(f"{self._count()} that cannot be read")
        if self._missing:
            count = len(self._missing)
            plural = "" if count == 1 else "s"
            parts.append(f"{count:,} missing record{plural}")
        print(
            f"Skipped {' and '.join(parts)}: see {self.path}.",
            file=sys.stderr,
        )

    def _count(self):
        return f"{len(self._unreadable):,} of {self._total:,} records"


def _row(file, position, problem):
    return {"file": file, "position": position, "problem": problem}
