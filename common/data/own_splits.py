"""The splits of a user's own files: by file, by column, or by hash."""

from __future__ import annotations

import copy
import functools
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from common.config import Config
from common.data import splits
from common.errors import UserError


class OwnSplits:
    """The examples of a user's own files, by split.

    A file that is given for a split is that split as a whole. A file may name
    the split of each example, as a table does in a column `split`. What has
    neither takes a tenth of the training examples, by the hash of their keys.

    Args:
      config: Names the files.
      read: Yields the examples of a file, each after the split that the file
        names for it; "" for none.
      key: Returns the text that identifies an example.
      unit: What an example is, as "texts".
      divide: Divides the training examples by the split of a key; by default
        `splits.divided`.
    """

    def __init__(
        self,
        config: Config,
        read: Callable[[str], Iterable[tuple[str, Any]]],
        key: Callable[[Any], str],
        unit: str,
        divide: Callable[[list, Callable[[str], str]], dict] | None = None,
    ):
        self._config, self._read = config, read
        self._key, self._unit = key, unit
        self._divide = divide or (
            lambda examples, split_of: splits.divided(examples, key, split_of)
        )

    @property
    def sources(self) -> dict[str, str]:
        """The file of each split that has one; "train" is --dataset."""
        config = self._config
        files = {
            "train": config.dataset,
            "valid": config.valid_file,
            "test": config.test_file,
        }
        if config.test_file == config.dataset:  # Nothing is trained on it.
            files = {"test": config.test_file}
        return {split: file for split, file in files.items() if file}

    def missing(self, named: Iterable[str] = ()) -> list[str]:
        """Returns the splits that the training examples must supply.

        Args:
          named: The splits that the training file names.
        """
        known = {*self.sources, *named}
        return [split for split in splits.HELD_OUT if split not in known]

    def assign(self, named: Sequence[str], keys: Sequence[str]) -> list[str]:
        """Returns the splits of training examples before they are decoded.

        All are "test" where nothing is trained.

        Args:
          named: The split that the file names for each example; "" for none.
          keys: The key of each example.
        """
        if "train" not in self.sources:
            return ["test"] * len(keys)
        missing = self.missing(named)
        return [
            split if split in splits.HELD_OUT else splits.by_hash(key, missing)
            for split, key in zip(named, keys)
        ]

    def examples(self, split: str) -> list[Any]:
        """Returns the examples of "train", "valid" or "test".

        Raises:
          UserError: There are none, or a file cannot be used.
        """
        if split != "test":
            self._refuse_one_file_for_two_splits()
        self._refuse_empty(self._parts, split)
        return self._parts[split]

    def leak(self, training: OwnSplits) -> str:
        """Returns a sentence on the test examples that are not new, or "".

        Args:
          training: Has the examples that a model has learned from.
        """
        return self._leak(self._parts["test"], training._known(training._parts))

    def fold(self, number: int, folds: int) -> OwnSplits:
        """Returns the splits of a fold, whose examples are the test split.

        Equal examples are in one fold. A tenth of the others validates.

        Args:
          number: Of the fold, from 1.
          folds: Their number; all have about as many keys.

        Raises:
          UserError: There are too few examples, or they have splits.
        """
        pairs = self._pairs["train"]
        if len(self.sources) > 1 or any(named for named, _ in pairs):
            raise UserError(
                f"cross_validate divides all {self._unit} of "
                f"{self._config.dataset}, but other files, a column or their "
                "order give the splits: use train and evaluate."
            )
        examples = [example for _, example in pairs]
        keys = {self._key(example) for example in examples}
        if len(keys) < 2 * folds:
            raise UserError(
                f"{self._config.dataset}: {len(keys):,} different "
                f"{self._unit} are too few for {folds} folds: add some, or use "
                "fewer --folds."
            )
        split_of = splits.of_fold(keys, number, folds)
        fold = copy.copy(self)
        fold._parts = self._divide(examples, split_of.__getitem__)
        return fold

    @functools.cached_property
    def _pairs(self):
        """Pairs of named split and example, by the split of their file."""
        return {
            split: list(self._read(source))
            for split, source in self.sources.items()
        }

    @functools.cached_property
    def _parts(self):
        parts = {split: [] for split in splits.SPLITS}
        for split, pairs in self._pairs.items():
            for named, example in pairs:
                parts[self._checked(named or split, split)].append(example)
            if split != "train":  # A file of test rows alone can be scored.
                self._refuse_empty(parts, split)
        missing = self.missing(split for split in parts if parts[split])
        if missing and parts["train"]:
            parts |= self._carved(parts["train"], missing)
        self._report(parts, missing)
        return parts

    def _refuse_one_file_for_two_splits(self):
        for split in splits.HELD_OUT:
            if self._config.dataset == getattr(self._config, f"{split}_file"):
                raise UserError(
                    f"--{split}_file={self._config.dataset} is the training "
                    "file, too: name another one, or leave it out."
                )

    def _refuse_empty(self, parts, split):
        if not parts[split]:
            raise UserError(
                f"{self._config.source(split)} has no {self._unit} for the "
                f"{split} split: add some, or name another --{split}_file."
            )

    def _checked(self, named, split):
        """Returns the split of an example, which the file of `split` names."""
        if named == split or (split == "train" and named in self.missing()):
            return named
        file, other = (self.sources.get(name, "") for name in (split, named))
        remedy = f"leave out --{named}_file={other}, or these {self._unit}"
        if split != "train":
            remedy = "remove the column split, or read the file by --dataset"
        raise UserError(
            f"{file} is read as the {split} split, and has {self._unit} of the "
            f"split {named}: {remedy}."
        )

    def _carved(self, examples, missing):
        """Returns training examples and, of them, those of missing splits."""
        split_of = functools.partial(splits.by_hash, missing=missing)
        divided = self._divide(examples, split_of)
        for split in ("train", *missing):
            if not divided[split]:
                raise UserError(
                    f"{self._config.dataset}: the {split} split is empty, "
                    f"because {len(examples):,} {self._unit} are too few to "
                    "take tenths by hash: add some, to a hundred or more, or "
                    "give each split a file."
                )
        return {split: divided[split] for split in ("train", *missing)}

    def _report(self, parts, missing):
        """Prints where the splits come from, and what test examples leak."""
        counts = []
        for split, examples in parts.items():
            count = f"{split} {len(examples):,}"
            if split in missing:
                count += " (a tenth by hash)"
            elif self._config.source(split) != self._config.dataset:
                count += f" of {self._config.source(split)}"
            counts += [count] * bool(examples)
        print(
            f"{self._config.dataset}: {self._unit}: {', '.join(counts)}.",
            file=sys.stderr,
        )
        leak = self._leak(parts["test"], self._known(parts))
        if leak:
            print(leak, file=sys.stderr)

    def _known(self, parts):
        return set(map(self._key, parts["train"] + parts["valid"]))

    def _leak(self, examples, known):
        keys = [self._key(example) for example in examples]
        count = sum(key in known for key in keys if key)
        if not count:
            return ""
        return (
            f"{count:,} of {len(keys):,} test {self._unit} of "
            f"{self._config.source('test')} are also training or validation "
            f"{self._unit}."
        )
