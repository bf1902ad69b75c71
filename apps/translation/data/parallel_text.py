"""Parallel text: reading it line by line, and splitting it."""

import sys

from common.data import text_files
from common.errors import UserError


def read_files(first, second, bad_records, encoding=""):
    """Yields the pairs of two files, line by line.

    Args:
      first: Path of the source sentences.
      second: Path of their translations.
      bad_records: Skips and lists unreadable pairs.
      encoding: See `text_files.read`.

    Raises:
      UserError: The files have different numbers of lines.
    """
    allowed = bad_records.allowed
    lines = [
        text_files.lines(text_files.read(path, encoding, allowed))
        for path in (first, second)
    ]
    if len(lines[0]) != len(lines[1]):
        raise UserError(
            f"{first} has {len(lines[0]):,} lines, {second} has "
            f"{len(lines[1]):,}: each line must be the translation of the same "
            "line of the other file."
        )
    records = (
        (f"{first}, {second}", number, pair)
        for number, pair in enumerate(zip(*lines), 1)
    )
    yield from bad_records.readable(records, checked)


def split_by_source(pairs, split_of):
    """Returns the pairs of each split, in a dict.

    The source decides on the split, so that a sentence with several
    translations is in one split only. If a translation is in two splits, the
    pair is left out of the larger one. For validation and test, each source
    keeps its first translation.

    Args:
      pairs: Pairs (source, target).
      split_of: Maps a source to "train", "valid" or "test".
    """
    splits = {"test": {}, "valid": {}, "train": {}}
    for source, target in pairs:
        splits[split_of(source)].setdefault(source, []).append(target)
    seen, divided, left_out = set(), {}, 0
    for split, targets_of in splits.items():
        kept = slice(None) if split == "train" else slice(1)
        pairs = [
            (source, target)
            for source, targets in targets_of.items()
            for target in targets[kept]
        ]
        divided[split] = [pair for pair in pairs if pair[1] not in seen]
        left_out += len(pairs) - len(divided[split])
        seen.update(target for _, target in divided[split])
    if left_out:
        print(
            f"Left out {left_out:,} pairs whose translation is in the test or "
            "validation split.",
            file=sys.stderr,
        )
    return divided


def checked(pair):
    """Returns a pair of texts without surrounding white space.

    Raises:
      ValueError: A text is empty or not UTF-8.
    """
    texts = tuple(text_files.require_utf8(part.strip()) for part in pair)
    if not all(texts):
        raise ValueError("a sentence or its translation is empty")
    return texts
