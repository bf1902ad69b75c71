"""What the data sets of stories have in common."""

from __future__ import annotations

import abc
from collections.abc import Sequence

from apps.qa.data import stories
from common.data import dataset
from common.errors import UserError


class StoryDataset(dataset.Dataset):
    """A data set of questions about stories, each with the number of its task.

    `x` is {"story": one sentence per line, "question": text}; `y` is
    {"answer": text, "task": int, "support": one supporting sentence per line,
    empty if unknown}.
    """

    def published_results(self, tasks: Sequence[int]) -> str:
        """Returns published results on the same tasks; "" if there are none."""
        return ""

    @abc.abstractmethod
    def questions(self, split: str) -> Sequence[tuple[int, stories.Question]]:
        """Returns pairs of task and question.

        Args:
          split: "train", "valid" or "test".

        Raises:
          UserError: The data set cannot be read.
        """

    def examples(self, split):
        import tensorflow as tf

        rows = self.questions(split)
        questions = [question for _, question in rows]

        def texts(values):
            return tf.constant(list(values), tf.string)

        x = {
            "story": texts("\n".join(q.story) for q in questions),
            "question": texts(q.question for q in questions),
        }
        y = {
            "answer": texts(q.answer for q in questions),
            "task": tf.constant([task for task, _ in rows], tf.int64),
            "support": texts("\n".join(q.support) for q in questions),
        }
        return tf.data.Dataset.from_tensor_slices((x, y))


def task_numbers(tasks: str, known: Sequence[int]) -> tuple[int, ...]:
    """Returns the numbers that --tasks lists, in ascending order.

    Args:
      tasks: The value of the option.
      known: All tasks of the data set.

    Raises:
      UserError: A number is not one of `known`.
    """
    if tasks == "all":
        return tuple(known)
    numbers = {int(t) if t.strip().isdecimal() else 0 for t in tasks.split(",")}
    if not numbers <= set(known):
        raise UserError(
            f"--tasks={tasks}: give numbers from {min(known)} to {max(known)}, "
            "separated by commas, or all."
        )
    return tuple(sorted(numbers))


def read_stories(name, text, bad_records):
    """Returns the list of questions of each readable story of a file.

    Args:
      name: Name of the file.
      text: Its content; see `text_files.read`.
      bad_records: A `BadRecords`.

    Raises:
      UserError: Too many stories are unreadable.
    """

    def decode(numbered):
        first, block = numbered
        return stories.parse(block, first)

    records = ((name, b[0], b) for b in stories.blocks(text))
    return list(bad_records.readable(records, decode))
