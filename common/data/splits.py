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
