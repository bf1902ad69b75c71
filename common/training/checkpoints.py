"""Checkpoints of a run: complete, checked, and the last two of them."""

import hashlib
import io
import json
import pathlib
import re
import sys
import zipfile
from typing import Any

import numpy as np

from common import files
from common.errors import UserError

KEPT = 2
NAME = re.compile(r"(\d{6,})-([0-9a-f]{16})\.npz")


class Checkpoints:
    """The last checkpoints in a folder.

    A file is named NUMBER-DIGEST.npz, by its number and the SHA-256 of its
    content: one rename makes file and checksum appear at once, and each file
    can be verified by itself.

    Args:
      folder: Holds the checkpoints and no other file of such a name; used by
        one process at a time.
    """

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self._good: list[
            pathlib.Path
        ] = []  # Paths of verified files, the oldest first.

    def save(self, progress: dict, arrays: list[np.ndarray]) -> None:
        """Writes a checkpoint, and removes all but the last two.

        Args:
          progress: Values that JSON can hold.
          arrays: The variables.

        Raises:
          UserError: It cannot be written; earlier checkpoints stay.
        """
        buffer = io.BytesIO()
        named: dict[str, Any] = {f"array{i}": a for i, a in enumerate(arrays)}
        np.savez(buffer, **named, facts=json.dumps(progress))
        content = buffer.getvalue()
        number = 1 + max(map(_number, self._paths()), default=0)
        path = self.folder / f"{number:06d}-{_digest(content)}.npz"
        files.write_bytes(path, content)
        self._good = [*self._good, path][-KEPT:]
        for old in self._paths():
            if old not in self._good:
                with files.writable(old):
                    old.unlink()

    def load(self) -> tuple[dict, list[np.ndarray]] | None:
        """Returns the progress and arrays of the last intact checkpoint.

        Broken checkpoints are listed on standard error. None if there is no
        intact one.
        """
        newest, broken = None, []
        for path in reversed(self._paths()):
            content = path.read_bytes()
            if path.stem.endswith(_digest(content)):
                self._good.insert(0, path)
                newest = newest or content
            else:
                broken.append(str(path))
        if broken:
            remedy = (
                f"resuming from {self._good[-1]}" if newest else "starting over"
            )
            print(
                f"{', '.join(broken)}: broken, the checksum differs; {remedy}.",
                file=sys.stderr,
            )
        if not newest:
            return None
        try:
            with np.load(io.BytesIO(newest)) as arrays:
                progress = json.loads(str(arrays["facts"]))
                count = len(arrays.files) - 1
                return progress, [arrays[f"array{i}"] for i in range(count)]
        except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            raise UserError(
                f"{self._good[-1]} is no checkpoint ({error}): remove it, or "
                "start over with --fresh."
            ) from error

    def _paths(self):
        """Returns the files in ascending order."""
        if not self.folder.is_dir():
            return []
        paths = [p for p in self.folder.iterdir() if NAME.fullmatch(p.name)]
        return sorted(paths, key=_number)


def _number(path):
    return int(path.name.partition("-")[0])


def _digest(content):
    return hashlib.sha256(content).hexdigest()[:16]
