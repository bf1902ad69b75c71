"""Counts of the n-grams of a text: exact, in NumPy.

An n-gram ends with a token of a line, and does not reach into the line before:
at the beginning of a line, the mark of its start is all the history there is.
Tokens are the ids 0 to `size - 1`; the mark is `size`, and never predicted.
"""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Table:
    """The n-grams of one length that a text holds.

    Attributes:
      keys: int64 (n-grams,), ascending: `history * (size + 1) + token`.
      counts: int64 (n-grams,); how often each occurs.
      history: int64 (n-grams,); the place, in the table of those one shorter,
        of the n-gram without its last token. 0 for single tokens.
      suffix: int64 (n-grams,); the same without its first token.
      at_start: bool (n-grams,); whether the mark is its first token.
    """

    keys: np.ndarray
    counts: np.ndarray
    history: np.ndarray
    suffix: np.ndarray
    at_start: np.ndarray

    def find(self, keys: np.ndarray) -> np.ndarray:
        """Returns the places of keys; -1 for those that are not there."""
        places = np.searchsorted(self.keys, keys)
        places = np.minimum(places, len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


def tables(
    ids: np.ndarray, lengths: np.ndarray, size: int, order: int
) -> list[Table]:
    """Returns the tables of the n-grams of a text, for n from 1 to `order`.

    Args:
      ids: int (tokens,); the lines, one after the other.
      lengths: int (lines,); of how many tokens each is.
      size: of the vocabulary.
      order: the greatest n.
    """
    ids, at = ids.astype(np.int64), _places_in_lines(lengths)
    none = np.zeros(size + 1, np.int64)
    counts = np.bincount(ids, minlength=size + 1)
    found = [Table(np.arange(size + 1), counts, none, none, none > 0)]
    place = ids  # In the last table, of the n-gram that ends with each token.
    for n in range(2, order + 1):
        ends = np.flatnonzero(at >= n - 2)  # Of n tokens, with the mark.
        history = _histories(place, at, n, size)[ends]
        keys, first, places, counts = np.unique(
            history * (size + 1) + ids[ends],
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        suffix, at_start = place[ends][first], at[ends][first] == n - 2
        found.append(Table(keys, counts, history[first], suffix, at_start))
        place = np.full_like(ids, -1)
        place[ends] = places
    return found


def look_up(
    found: list[Table], ids: np.ndarray, lengths: np.ndarray, size: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns where the tables have the n-grams of another text.

    Args:
      found: what `tables` returned.
      ids: as of `tables`.
      lengths: as of `tables`.
      size: as of `tables`.

    Returns:
      For n from 1 on, the place of the n-gram that ends with each token, and
      that of its history in the table before; -1 where there is none.
    """
    ids, at = ids.astype(np.int64), _places_in_lines(lengths)
    place, rows = ids, [(ids, np.zeros_like(ids))]
    for n, table in enumerate(found[1:], 2):
        history = _histories(place, at, n, size)
        place = table.find(history * (size + 1) + ids)
        place = np.where(history >= 0, place, -1)
        rows.append((place, history))
    return rows


def _places_in_lines(lengths):
    """Returns the place of each token in its line, from 0."""
    starts = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) - np.repeat(starts, lengths)


def _histories(place, at, n, size):
    """Returns the place of the history of the n-gram that ends here, or -1.

    Args:
      place: of the n-grams one shorter, by the token that they end with.
      at: of each token, its place in the line.
      n: length of the n-gram.
      size: of the vocabulary; the place of the mark among single tokens.
    """
    before = np.concatenate([[-1], place[:-1]])
    if n == 2:
        return np.where(at == 0, size, before)
    return np.where(at >= n - 2, before, -1)
