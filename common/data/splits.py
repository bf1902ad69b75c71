"""Splits of data sets that come without one."""

import hashlib
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from common.errors import UserError


def by_hash(text: str) -> str:
    """Returns "train" (80 %), "valid" (10 %) or "test" (10 %) for a text.

    The text itself decides, so that equal examples are in the same split.
    """
    tenth = hashlib.sha256(text.encode()).digest()[0] % 10
    return {0: "test", 1: "valid"}.get(tenth, "train")


def divided(
    examples: Iterable[Any], key: Callable[[Any], str]
) -> dict[str, list]:
    """Returns the examples of each split; see `by_hash`.

    Args:
      examples: All of a data set.
      key: Returns the text of an example that decides.
    """
    splits: dict[str, list] = {"train": [], "valid": [], "test": []}
    for example in examples:
        splits[by_hash(key(example))].append(example)
    return splits


def require_all(splits: dict[str, list], source: str, unit: str) -> None:
    """Checks that there are examples for each split.

    Args:
      splits: Examples by split.
      source: Name of the data, for messages.
      unit: What is counted, as "rows".

    Raises:
      UserError: A split is empty.
    """
    total = sum(map(len, splits.values()))
    for name, examples in splits.items():
        if not examples:
            raise UserError(
                f"{source}: the {name} split is empty, because {total:,} "
                f"{unit} are too few for three splits (80, 10 and 10 %): add "
                "some, to a hundred or more."
            )
