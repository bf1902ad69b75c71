"""Data sets that are texts: lines in their order."""

from __future__ import annotations

import abc
import pathlib

from common.data import dataset
from common.errors import UserError


class Text(dataset.Dataset):
    """A text whose examples are its lines.

    Examples are pairs ({"prefix": string}, {"text": string}): the first half
    of a line, and the line without its line break. They are in the order of
    the text.
    """

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self._examples = {}  # By split.

    @abc.abstractmethod
    def lines(self, split: str) -> list[str]:
        """Returns the lines of "train", "valid" or "test"."""

    def log_probability(self, line: str) -> float | None:
        """Returns the true log probability of a line in nats.

        Its end is included. None where the distribution of the text is not
        known, as that of any natural text.
        """
        return None

    def examples(self, split):
        if split not in self._examples:
            self._examples[split] = self._read(split)
        return self._examples[split]

    def _read(self, split):
        import tensorflow as tf

        lines = self.lines(split)
        prefixes = [first_half(line, self.config.level) for line in lines]
        return tf.data.Dataset.from_tensor_slices(
            (
                {"prefix": tf.constant(prefixes, tf.string)},
                {"text": tf.constant(lines, tf.string)},
            )
        )


class PublishedText(Text):
    """A text in three files, in --data_dir or its subfolder of that name.

    Attributes:
      pattern: Name of a file; {split} stands for the split.
    """

    pattern: str

    def lines(self, split):
        folder = pathlib.Path(self.config.data_dir)
        name = self.pattern.format(split=split)
        for path in (folder / name, folder / self.name / name):
            if self.config.data_dir and path.is_file():
                return read_lines(path, self.bad_records)
        raise UserError(
            f"No {name} in --data_dir={self.config.data_dir}: pass the folder "
            f"that holds the published files of {self.name}."
        )


def first_half(line: str, level: str) -> str:
    """Returns the first half of a line's words or characters."""
    if level == "character":
        return line[: len(line) // 2]
    words = line.split()
    return " ".join(words[: len(words) // 2])


def read_lines(path: pathlib.Path, bad_records) -> list[str]:
    """Returns the readable lines of a UTF-8 file.

    Args:
      path: A text file.
      bad_records: Skips and lists the lines that are not text.

    Raises:
      UserError: The file cannot be read, or too many lines are unreadable.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}. Pass a text file as "
            "--dataset, or a folder as --data_dir."
        ) from error
    lines = content.removesuffix(b"\n").split(b"\n") if content else []
    records = ((path, number, line) for number, line in enumerate(lines, 1))
    return list(bad_records.readable(records, _decode))


def _decode(line):
    if b"\x00" in line:
        raise ValueError("a NUL byte: the file is not text")
    return line.decode().removesuffix("\r")
