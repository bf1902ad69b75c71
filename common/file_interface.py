"""The command line of apps that take files; imports no TensorFlow."""

from __future__ import annotations

import abc
import pathlib
import re
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from typing import ClassVar

from common.errors import UsageError
from common.errors import UserError
from common.interface import Interface

if TYPE_CHECKING:
    from common.app_model import AppModel


class FileStems:
    """Gives each answer a file stem that no other one has."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def unique(self, name: str, default: str, ending: str = "") -> str:
        """Returns the stem of a file name, with a number if it is used.

        Args:
          name: Of the input, such as a path or test:3.
          default: Stem of a name without one.
          ending: Follows the stem, such as "-continued".
        """
        stem = re.sub(r"[^\w.-]", "-", pathlib.Path(name).stem) or default
        unique, count = stem + ending, 1
        while unique in self._used:
            count += 1
            unique = f"{stem}{ending}-{count}"
        self._used.add(unique)
        return unique


class FileInterface(Interface):
    """Answers files, folders of them, and test examples as `test:3`.

    An unreadable file is named on standard error, and the others are answered.

    Attributes:
      kind: Word for one of the files, such as "clip", for messages.
    """

    kind: str

    @property
    @abc.abstractmethod
    def max_bytes(self) -> int:
        """Largest size of a batch: padding multiplies the longest file."""

    @abc.abstractmethod
    def expand(self, word: str) -> list[str]:
        """Returns the files of a folder, or the word itself."""

    @abc.abstractmethod
    def read_checked(self, name: str) -> Any:
        """Returns a file that can be read.

        Raises:
          UserError: It cannot.
        """

    @abc.abstractmethod
    def size(self, file: Any) -> int:
        """Returns the bytes that a file takes in a batch."""

    @abc.abstractmethod
    def answer_files(self, model: AppModel, files: Sequence) -> Iterable[str]:
        """Returns the lines that `predict` prints for a batch."""

    def require_name(self, word: str) -> None:
        """Raises a UserError if the name of a file is empty."""
        if not word:
            raise UserError(
                f"The name of a {self.kind} is empty: pass a file, a folder, "
                "or a test example such as test:3."
            )

    def only_file(self, words: Sequence[str], option: str) -> list[str]:
        """Returns the name of the only file, in a list.

        Args:
          words: Of the command line.
          option: Name of the option that draws it, for the message.

        Raises:
          UsageError: There are more, or none.
        """
        names = [name for word in words for name in self.expand(word)]
        if len(names) != 1:
            raise UsageError(
                f"--{option} draws one {self.kind}: pass one, not {len(names)}."
            )
        return names

    def predict(self, model: AppModel, words: Sequence[str]) -> Iterable[str]:
        """Answers files, folders of them, or test examples as test:3."""
        answered, problems = 0, 0
        for chunk in self.chunks(words):
            for batch in self._batches(chunk):
                files = [file for file in batch if file is not None]
                problems += len(batch) - len(files)
                answered += len(files)
                if files:
                    yield from self.answer_files(model, files)
        self._report(problems, answered + problems)

    def readable(
        self, names: Sequence[str], read: Callable[[str], Any]
    ) -> Iterator[Any]:
        """Yields files one by one, for commands that take no batches.

        Args:
          names: Of files.
          read: Returns the file of a name, or raises a UserError.

        Raises:
          UserError: At the end, if a file could not be read.
        """
        problems = 0
        for name in names:
            file = self._readable(name, read)
            if file is None:
                problems += 1
            else:
                yield file
        self._report(problems, len(names))

    def _report(self, problems: int, total: int) -> None:
        """Raises a UserError if there are problems."""
        if problems:
            raise UserError(
                f"{problems} of {total} {self.kind}s could not be read."
            )

    commands: ClassVar[dict[str, Callable]] = {"predict": predict}

    def _batches(self, words: Sequence[str]) -> Iterator[list]:
        """Yields lists of files, None for an unreadable one."""
        batch: list = []
        longest = 0
        for name in (name for word in words for name in self.expand(word)):
            file = self._readable(name, self.read_checked)
            size = 0 if file is None else self.size(file)
            longest = max(longest, size)
            is_full = len(batch) == self.config.batch_size
            if batch and (
                is_full or (len(batch) + 1) * longest > self.max_bytes
            ):
                yield batch
                batch, longest = [], size
            batch.append(file)
        if batch:
            yield batch

    def _readable(self, name: str, read: Callable[[str], Any]) -> Any:
        """Returns a file; None after a line on standard error."""
        try:
            return read(name)
        except UserError as error:
            print(f"{self.app.name}: {error}", file=sys.stderr)
        return None
