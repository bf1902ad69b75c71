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
    """Reads records, and keeps account of those that cannot be read.

    Those that are not there are counted apart, and without limit: a data set
    may lie there in part.

    Args:
      path: of the .csv file that will name them: file, position, problem.
      allowed: the share of all records up to which they are passed over.
    """

    def __init__(self, path: pathlib.Path, allowed: float):
        self.path, self.allowed = path, allowed
        self._rows, self._absent = [], []
        self._total = 0

    def readable(
        self,
        records: Iterable[tuple[str, int, bytes]],
        decode: Callable[[bytes], Any],
    ) -> Iterator[Any]:
        """Yields what `decode` makes of each record, but of the bad ones.

        Args:
          records: the name of a file, the position in it (the number of the
            line, of the row, of the record), and the bytes.
          decode: raises ValueError where a record is bad.

        Raises:
          UserError: at the end, if more are bad than allowed.
        """
        for file, position, content in records:
            self._total += 1
            try:
                value = decode(content)
            except ValueError as error:
                problem = " ".join(str(error).split())
                self._rows.append(_row(file, position, problem))
            else:
                yield value
        if len(self._rows) > self.allowed * self._total:
            self._refuse()

    def absent(self, file: str, position: int) -> None:
        """Passes over a record that is listed, but not there."""
        self._absent.append(_row(file, position, "not there"))

    def _refuse(self):
        files.write_csv(self.path, self._rows)
        first = self._rows[0]
        raise UserError(
            f"{self._count()} cannot be read, more than --bad_record_share="
            f"{self.allowed:g} allows. The first is {first['file']}, "
            f"{first['position']}: {first['problem']}. Mend or remove those "
            f"that {self.path} names, or allow more."
        )

    def report(self) -> None:
        """Writes which ones were passed over, and says how many."""
        rows = self._rows + self._absent
        if not rows:
            with files.writable(self.path):
                self.path.unlink(missing_ok=True)
            return
        files.write_csv(self.path, rows)
        said = []
        if self._rows:
            said.append(f"{self._count()}, which cannot be read")
        if self._absent:
            what = "" if self._rows else " records"
            said.append(f"{len(self._absent):,}{what} that are not there")
        print(
            f"Passed over {', and '.join(said)}: see {self.path}.",
            file=sys.stderr,
        )

    def _count(self):
        return f"{len(self._rows):,} of {self._total:,} records"


def _row(file, position, problem):
    return {"file": file, "position": position, "problem": problem}
