"""Errors of transcripts: insertions, deletions and substitutions of words.

Rates are sums of counts over sums of lengths, not means of the rates of texts:
the counts of each text are computed once, and added for resampled test sets.
"""

from collections.abc import Hashable
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

Pair = tuple[Hashable | None, Hashable | None]


class Counts(NamedTuple):
    """The errors of a hypothesis.

    Attributes:
      insertions: Items of the hypothesis alone.
      deletions: Items of the reference alone.
      substitutions: Items of the reference with another one in their place.
      length: Items of the reference.
    """

    insertions: int
    deletions: int
    substitutions: int
    length: int


def words(text: bytes) -> list[str]:
    """Returns the words of a text, UTF-8, as white space separates them."""
    return text.decode(errors="replace").split()


def characters(text: bytes) -> str:
    """Returns the words of a text, UTF-8, with one space between them."""
    return " ".join(words(text))


def align(
    reference: Sequence[Hashable], hypothesis: Sequence[Hashable]
) -> list[Pair]:
    """Returns an alignment with the fewest errors, in order.

    Among such alignments, the one of jiwer (rapidfuzz): equal beginnings and
    ends are matches; between them, backward from the end, a deletion is taken
    before a substitution, a substitution before an insertion, and an insertion
    before a match.

    Args:
      reference: The true items, such as words.
      hypothesis: The recognized ones.

    Returns:
      Pairs of an item of the reference and one of the hypothesis; None in
      place of an item that the other one lacks.

    Reference: Levenshtein, Binary Codes Capable of Correcting Deletions,
    Insertions and Reversals, 1966; Wagner & Fischer, The String-to-String
    Correction Problem, 1974.
    """
    start = _shared(reference, hypothesis)
    rest = reference[start:], hypothesis[start:]
    end = _shared(rest[0][::-1], rest[1][::-1])
    last = len(rest[0]) - end, len(rest[1]) - end
    middle = _align(rest[0][: last[0]], rest[1][: last[1]])
    return [
        *zip(reference[:start], reference[:start]),
        *middle,
        *zip(rest[0][last[0] :], rest[0][last[0] :]),
    ]


def counts(
    reference: Sequence[Hashable], hypothesis: Sequence[Hashable]
) -> Counts:
    """Returns the errors of a hypothesis; see `align`."""
    pairs = align(reference, hypothesis)
    insertions = sum(pair[0] is None for pair in pairs)
    deletions = sum(pair[1] is None for pair in pairs)
    errors = sum(a != b for a, b in pairs)
    return Counts(
        insertions,
        deletions,
        errors - insertions - deletions,
        len(pairs) - insertions,
    )


def _shared(first, second):
    """Returns the length of the longest beginning that both have."""
    pairs = enumerate(zip(first, second))
    shortest = min(len(first), len(second))
    return next((i for i, (a, b) in pairs if a != b), shortest)


def _align(reference, hypothesis):
    """Returns the same as `align`, where neither end is equal."""
    distances = _distances(reference, hypothesis).tolist()
    i, j = len(reference), len(hypothesis)
    pairs = []
    while i or j:
        is_last = not (i and j)
        if i and (is_last or distances[i][j] == distances[i - 1][j] + 1):
            i -= 1
            pairs.append((reference[i], None))
        elif is_last or distances[i - 1][j - 1] == distances[i][j - 1] + 1:
            j -= 1
            pairs.append((None, hypothesis[j]))
        else:
            i, j = i - 1, j - 1
            pairs.append((reference[i], hypothesis[j]))
    return pairs[::-1]


def _distances(reference, hypothesis):
    """Returns the distances of all beginnings, (1 + items, 1 + items)."""
    numbers = {}
    reference, hypothesis = (
        np.array([numbers.setdefault(item, len(numbers)) for item in items])
        for items in (reference, hypothesis)
    )
    columns = np.arange(len(hypothesis) + 1)
    rows = [columns]
    for i, item in enumerate(reference, 1):
        row = rows[-1] + 1  # Deletions.
        row[1:] = np.minimum(row[1:], rows[-1][:-1] + (hypothesis != item))
        row[0] = i
        # The least of all numbers of insertions before each column.
        rows.append(np.minimum.accumulate(row - columns) + columns)
    return np.array(rows)
