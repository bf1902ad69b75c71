"""States of a run on disk: whole, checked, and the last two of them."""

import hashlib
import io
import json
import pathlib
import re
import sys

import numpy as np

from common import files

KEPT = 2
NAME = re.compile(r"(\d{6,})-([0-9a-f]{16})\.npz")


class Checkpoints:
    """The last states that were saved in a folder.

    A file is named NUMBER-DIGEST.npz, after its place in the order and the
    SHA-256 of its content: one rename makes file and checksum appear at once,
    and each file proves itself.

    Args:
      folder: holds them, and nothing else that has such a name; of one
        process at a time.
    """

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self._good = []  # Paths of those that were checked, the oldest first.

    def save(self, facts: dict, arrays: list[np.ndarray]) -> None:
        """Writes a state, and removes those before the last two.

        Args:
          facts: what JSON can hold.
          arrays: with `facts`, all that `load` will return.

        Raises:
          UserError: it cannot be written; those before stay.
        """
        content = io.BytesIO()
        named = {f"array{i}": array for i, array in enumerate(arrays)}
        np.savez(content, facts=json.dumps(facts), **named)
        content = content.getvalue()
        number = 1 + max(map(_number, self._paths()), default=0)
        path = self.folder / f"{number:06d}-{_digest(content)}.npz"
        for leftover in self.folder.glob(".partial-*.npz"):
            with files.writable(leftover):
                leftover.unlink()  # Of a process that was killed.
        files.write_bytes(path, content)
        self._good = [*self._good, path][-KEPT:]
        for old in self._paths():
            if old not in self._good:
                with files.writable(old):
                    old.unlink()

    def load(self) -> tuple[dict, list[np.ndarray]] | None:
        """Returns the last state that is whole, or None.

        Says on standard error which ones are not.
        """
        found, broken = None, []
        for path in reversed(self._paths()):
            content = path.read_bytes()
            if NAME.fullmatch(path.name)[2] == _digest(content):
                self._good.insert(0, path)
                found = found or content
            else:
                broken.append(str(path))
        if broken:
            rest = (
                f"going on from {self._good[-1]}" if found else "beginning anew"
            )
            print(
                f"{', '.join(broken)}: broken, the checksum differs; {rest}.",
                file=sys.stderr,
            )
        if not found:
            return None
        with np.load(io.BytesIO(found)) as arrays:
            facts = json.loads(str(arrays["facts"]))
            count = len(arrays.files) - 1
            return facts, [arrays[f"array{i}"] for i in range(count)]

    def _paths(self):
        """Returns the files, the oldest first."""
        if not self.folder.is_dir():
            return []
        paths = [p for p in self.folder.iterdir() if NAME.fullmatch(p.name)]
        return sorted(paths, key=_number)


def _number(path):
    return int(NAME.fullmatch(path.name)[1])


def _digest(content):
    return hashlib.sha256(content).hexdigest()[:16]
