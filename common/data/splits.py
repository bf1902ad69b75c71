"""Splits of data sets that come without one."""

import hashlib
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from typing import Any

SPLITS = ("train", "valid", "test")
# What a column of a table may hold, in any letter case.
NAMES = {
    "train": "train",
    "valid": "valid",
    "validation": "valid",
    "dev": "valid",
    "test": "test",
}
HELD_OUT = ("valid", "test")  # Taken from the training examples if missing.


def by_hash(text: str, missing: Collection[str] = HELD_OUT) -> str:
    """Returns "train" (80 %), "valid" (10 %) or "test" (10 %) for a text.

    The text itself decides, so that equal examples are in the same split.

    Args:
      text: What identifies an example.
      missing: Of "valid" and "test", those that exist; "train" has the rest.
    """
    tenth = digest(text)[0] % 10
    split = {0: "test", 1: "valid"}.get(tenth, "train")
    return split if split in missing else "train"


def digest(text: str) -> bytes:
    """Returns the SHA-256 of a text, the same in each process."""
    return hashlib.sha256(text.encode()).digest()


def of_fold(keys: Collection[str], number: int, folds: int) -> dict[str, str]:
    """Returns the split of each text where a fold is the test split.

    A tenth of the other texts validates. The order does not matter.

    Args:
      keys: Different texts, at least two for each fold.
      number: Of the fold, from 1.
      folds: Their number; all have the same size, or one text more.
    """
    ordered = sorted(keys, key=digest)
    first, end = (len(ordered) * n // folds for n in (number - 1, number))
    rest = ordered[:first] + ordered[end:]
    return {
        **dict.fromkeys(rest, "train"),
        **dict.fromkeys(rest[::10], "valid"),
        **dict.fromkeys(ordered[first:end], "test"),
    }


def divided(
    examples: Iterable[Any],
    key: Callable[[Any], str],
    split_of: Callable[[str], str] = by_hash,
) -> dict[str, list]:
    """Returns the examples of each split.

    Args:
      examples: All of a data set.
      key: Returns the text of an example that decides.
      split_of: Returns the split of a text.
    """
    parts: dict[str, list] = {split: [] for split in SPLITS}
    for example in examples:
        parts[split_of(key(example))].append(example)
    return parts
