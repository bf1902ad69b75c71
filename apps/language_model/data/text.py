"""Data sets that are texts: lines in their order."""

from __future__ import annotations

import abc
import pathlib

from common.data import dataset
from common.data import text_files
from common.errors import UserError


class Text(dataset.Dataset):
    """A text whose examples are its lines.

    Examples are pairs ({"prefix": string}, {"text": string}): the first half
    of a line, or with --backward the second, and the line without its line
    break. They are in the order of the text.
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
        prefixes = [
            half(line, self.config.level, self.config.backward)
            for line in lines
        ]
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


def half(line: str, level: str, second: bool = False) -> str:
    """Returns the first or the second half of a line's words or characters."""
    tokens = line if level == "character" else line.split()
    length = len(tokens) // 2
    tokens = tokens[len(tokens) - length :] if second else tokens[:length]
    return tokens if level == "character" else " ".join(tokens)


def read_lines(
    path: pathlib.Path, bad_records, encoding: str = ""
) -> list[str]:
    """Returns the readable lines of a text file.

    Args:
      path: A text file.
      bad_records: Skips and lists the lines that are not text.
      encoding: See `text_files.read`.

    Raises:
      UserError: The file cannot be read, or too many lines are unreadable.
    """
    text = text_files.read(path, encoding, bad_records.allowed)
    lines = text_files.lines(text)
    records = ((path, number, line) for number, line in enumerate(lines, 1))
    return list(bad_records.readable(records, text_files.require_utf8))
