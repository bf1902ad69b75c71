"""The command line of an app: from words to inputs, from answers to lines."""

from __future__ import annotations

import abc
import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import ClassVar

from common.errors import UserError

if TYPE_CHECKING:
    import tensorflow as tf

    from common.app import App
    from common.app_model import AppModel

TEST_EXAMPLE = re.compile(r"test:(\d+)")


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

    def chunks(self, words: Sequence[str]) -> Iterator[Sequence[str]]:
        """Yields the words in batches."""
        size = self.config.batch_size
        for start in range(0, len(words), size):
            yield words[start : start + size]

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
        number = int(match[1])
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
