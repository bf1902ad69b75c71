"""What an app declares of a data set."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING

from common.errors import UserError

if TYPE_CHECKING:
    import tensorflow as tf

    from common.config import Config
    from common.data.own_splits import OwnSplits
    from common.data.records import BadRecords


class Dataset(abc.ABC):
    """One data set of an app: an entry of the dict `DATASETS`.

    `--help`, error messages, the model card and the README take their texts
    from it. Importing it must not import TensorFlow: `examples` does.

    Attributes:
      name: The value of --dataset; for a file of the user's own, its form
        (MINE.tsv).
      help: One line: what it is.
      license: Source and license, for the model card.
      files: What --data_dir must hold; empty if it needs nothing.
      languages: Codes of ISO 639-1 of its texts, for the model card.
      config: The options of the run.
      bad_records: Reads records, and skips and lists unreadable ones.
      splits: Reads and divides files of the user's own; None if the data set
        has splits of its own.
    """

    name: str
    help: str
    license: str
    files: str = ""
    languages: tuple[str, ...] = ()
    splits: OwnSplits | None = None

    def __init__(self, config: Config, bad_records: BadRecords):
        self.config = config
        self.bad_records = bad_records

    @classmethod
    def matches(cls, value: str) -> bool:
        """Returns whether a value of --dataset names this data set."""
        return value == cls.name

    @abc.abstractmethod
    def examples(self, split: str) -> tf.data.Dataset:
        """Returns raw examples, pairs of dicts `(x, y)`.

        Args:
          split: "train", "valid" or "test".

        Raises:
          UserError: The data set cannot be read.
        """


def create(
    datasets: dict[str, type[Dataset]], config: Config, bad_records: BadRecords
) -> Dataset:
    """Returns the data set that the options name.

    Raises:
      UserError: There is none, or a file is given for a split, and the data
        set has splits of its own.
    """
    created = find(datasets, config.dataset)(config, bad_records)
    files = (
        (name, getattr(config, name))
        for name in ("train_file", "valid_file", "test_file")
    )
    for name, file in files:
        if file and created.splits is None:
            raise UserError(
                f"--{name}={file}: the data set {config.dataset} has splits "
                "of its own; leave the option out, or name a file of examples "
                "by --train_file."
            )
    return created


def find(datasets: dict[str, type[Dataset]], value: str) -> type[Dataset]:
    """Returns the data set that a value of --dataset names.

    Raises:
      UserError: There is none.
    """
    for dataset in datasets.values():
        if dataset.matches(value):
            return dataset
    raise UserError(f"No data set {value!r}: use {', '.join(datasets)}.")


def help_text(datasets: dict[str, type[Dataset]]) -> str:
    """Returns the section of `--help` that lists the data sets."""
    lines = ["Data sets (--dataset):"]
    for dataset in datasets.values():
        lines.append(f"  {dataset.name}\n      {dataset.help}")
        if dataset.files:
            lines.append(f"      --data_dir: {dataset.files}")
    return "\n".join(lines)
