"""The command line of an app: from words to inputs, from answers to lines."""

from __future__ import annotations

import abc
import codecs
import re
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from typing import BinaryIO
from typing import ClassVar

from common.data import python_values
from common.errors import UserError

if TYPE_CHECKING:
    import pandas as pd
    import tensorflow as tf

    from common.app import App
    from common.app_model import AppModel

TEST_EXAMPLE = re.compile(r"test:(\d+)")
_LINE_BREAKS = re.compile("(\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029])+")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")


class StyledLine(str):
    """A line with control sequences for the terminal, printed as it is."""


def one_line(text: str) -> str:
    """Returns a text without line breaks, and with visible control characters.

    Inputs and answers may hold sequences that a terminal would obey.
    """
    text = _LINE_BREAKS.sub(" ", text)
    return _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


class StandardInput(Sequence):
    """The lines of standard input, read when they are needed.

    Args:
      stream: A buffered binary stream.
    """

    def __init__(self, stream: BinaryIO):
        self._arriving = _arriving_lines(stream)
        self._groups: list[list[str]] = []

    def groups(self) -> Iterator[list[str]]:
        """Yields lists of the lines that have arrived together."""
        number = 0
        while True:
            if number == len(self._groups):
                group = next(self._arriving, None)
                if group is None:
                    return
                self._groups.append(group)
            yield self._groups[number]
            number += 1

    def __iter__(self):
        """Yields the lines."""
        for group in self.groups():
            yield from group

    def __len__(self):
        """Returns their number."""
        return sum(map(len, self.groups()))

    def __getitem__(self, index):
        """Returns a line, or those of a slice."""
        return list(self)[index]


def texts(interface: Interface, words: Sequence[str], name: str) -> list[str]:
    """Returns the words, with its text in place of a test example.

    Args:
      interface: Knows the test examples.
      words: Texts, and words such as `test:3`.
      name: The text of a raw example.
    """
    examples = [interface.test_example(word) for word in words]
    return [
        x[name].numpy().decode(errors="replace") if x else word
        for word, x in zip(words, examples)
    ]


def report_unknown(
    counts: Iterable[tuple[int, int]], dataset: str, unit: str = "words"
) -> None:
    """Prints to standard error how much of its inputs a model does not know.

    Args:
      counts: For each batch, the number of unknown words and of all words.
      dataset: On which the model was trained.
      unit: What is counted.
    """
    unknown, total = (sum(part) for part in zip((0, 0), *counts))
    if unknown:
        print(
            f"{unknown:,} of {total:,} {unit} {'is' if unknown == 1 else 'are'}"
            f" unknown to this model; it was trained on {dataset}.",
            file=sys.stderr,
        )


def _arriving_lines(stream):
    rest = stream.read1(1 << 16)
    if rest.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = (rest + stream.read()).decode("utf-16", "replace")
        rest = text.encode(errors="replace")
    rest = rest.removeprefix(codecs.BOM_UTF8)
    while rest:
        complete, line_feed, rest = rest.rpartition(b"\n")
        if line_feed:
            yield [_text(line) for line in complete.split(b"\n")]
        more = stream.read1(1 << 16)
        if rest and not more:
            yield [_text(rest)]
            return
        rest += more


def _text(line):
    """Replaces what is not UTF-8 by replacement characters."""
    return line.decode(errors="replace").rstrip("\r")


class Interface(abc.ABC):
    """Turns command-line words into inputs, and answers into lines.

    Importing it must not import TensorFlow.

    Attributes:
      commands: The commands that answer inputs, by name: functions of the
        interface, the model and the words that return lines to print. The
        first line of their docstring is their help. An app adds to them, or
        replaces "predict".
      app: The app; its config and examples.
    """

    def __init__(self, app: App):
        self.app = app
        self.config = app.config

    @abc.abstractmethod
    def parse_inputs(self, words: Sequence[str]) -> dict[str, tf.Tensor]:
        """Returns the arguments of `serve` for some words, a row each."""

    @abc.abstractmethod
    def format_outputs(
        self, words: Sequence[str], outputs: dict[str, tf.Tensor]
    ) -> Iterable[str]:
        """Returns the lines to print.

        Args:
          words: As in `parse_inputs`.
          outputs: What `serve` returned.
        """

    def predict(self, model: AppModel, words: Sequence[str]) -> Iterable[str]:
        """Answers the inputs; `-` reads one per line from standard input."""
        for chunk in self.chunks(words):
            outputs = model.serve(**self.parse_inputs(chunk))
            yield from self.format_outputs(chunk, outputs)

    commands: ClassVar[dict[str, Callable]] = {"predict": predict}

    def answer(
        self, model: AppModel, inputs: Sequence | pd.Series | pd.DataFrame
    ) -> list[dict[str, Any] | None] | pd.DataFrame:
        """Answers inputs from Python; see `App.predict`."""
        rows = python_values.of_inputs(inputs)
        answers: list[dict[str, Any] | None] = [None] * len(rows)
        present = [i for i, row in enumerate(rows) if row is not None]
        size = self.config.batch_size
        for start in range(0, len(present), size):
            places = present[start : start + size]
            outputs = model.serve(**self._arguments([rows[i] for i in places]))
            for i, values in zip(places, python_values.of_outputs(outputs)):
                answers[i] = values
        return python_values.like(inputs, answers)

    def _arguments(self, rows):
        """Returns the arguments of `serve` for words, or for dicts of them."""
        if not isinstance(rows[0], dict):
            return self.parse_inputs(rows)
        import tensorflow as tf

        return {
            name: tf.constant([row[name] for row in rows]) for name in rows[0]
        }

    def chunks(self, words: Sequence[str]) -> Iterator[Sequence[str]]:
        """Yields the words in batches; those of standard input as they come."""
        size = self.config.batch_size
        groups: Iterable[Sequence[str]] = [words]
        if isinstance(words, StandardInput):
            groups = words.groups()
        for group in groups:
            for start in range(0, len(group), size):
                yield group[start : start + size]

    def test_example(self, word: str) -> dict | None:
        """Returns the raw input that a word such as `test:3` names.

        Returns:
          The `x` of the fourth test example; None if the word has another
          form.

        Raises:
          UserError: The test split has fewer examples.
        """
        match = TEST_EXAMPLE.fullmatch(word)
        if not match:
            return None
        # Python refuses to convert more than 4,300 digits.
        number = int(match[1][:20])
        examples = self.app.examples("test")
        size = int(examples.cardinality())
        if number >= size:
            raise UserError(
                f"{word} does not exist: the last test example is "
                f"test:{size - 1}."
            )
        for x, _ in examples.skip(number).take(1):
            return x
        return None
