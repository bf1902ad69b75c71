"""Exact n-gram counts of a text, in NumPy.

An n-gram ends with a token of a line and does not extend into the line before:
at the beginning of a line, a start mark is the only history. Tokens have the
ids 0 to `size - 1`; the start mark is `size`, and is never predicted.
"""

import dataclasses

import numpy as np

from common.text.ngrams.tokenized_text import TokenizedText


@dataclasses.dataclass(frozen=True)
class Table:
    """The n-grams of one length in a text. Their row is their index.

    Attributes:
      keys: int64 (n-grams,), ascending: `history * (size + 1) + token`.
      counts: int64 (n-grams,); occurrences of each.
      history: int64 (n-grams,); row of the n-gram without its last token in
        the table of n-grams one token shorter. 0 for single tokens.
      suffix: int64 (n-grams,); the same without its first token.
      at_start: bool (n-grams,); whether it begins with the start mark.
    """

    keys: np.ndarray
    counts: np.ndarray
    history: np.ndarray
    suffix: np.ndarray
    at_start: np.ndarray

    def rows(self, keys: np.ndarray) -> np.ndarray:
        """Returns the rows of keys; -1 for those that are not in the table."""
        rows = np.searchsorted(self.keys, keys)
        rows = np.minimum(rows, len(self.keys) - 1)
        return np.where(self.keys[rows] == keys, rows, -1)


def tables(text: TokenizedText, size: int, order: int) -> list[Table]:
    """Returns the tables of the n-grams of a text, for n from 1 to `order`.

    Args:
      text: The text.
      size: Size of the vocabulary.
      order: Length of the longest n-grams.
    """
    ids, positions = text.ids.astype(np.int64), _positions(text.lengths)
    zeros = np.zeros(size + 1, np.int64)
    counts = np.bincount(ids, minlength=size + 1)
    by_order = [Table(np.arange(size + 1), counts, zeros, zeros, zeros > 0)]
    row = ids  # In the last table, of the n-gram that ends with each token.
    for n in range(2, order + 1):
        # Tokens with n - 1 tokens or start marks before them.
        ends = np.flatnonzero(positions >= n - 2)
        history = _histories(row, positions, n, size)[ends]
        keys, first, rows, counts = np.unique(
            history * (size + 1) + ids[ends],
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        suffix, at_start = row[ends][first], positions[ends][first] == n - 2
        by_order.append(Table(keys, counts, history[first], suffix, at_start))
        row = np.full_like(ids, -1)
        row[ends] = rows
    return by_order


def look_up(
    by_order: list[Table], text: TokenizedText, size: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns the rows of the n-grams of another text.

    Args:
      by_order: See `tables`.
      text: The other text.
      size: Size of the vocabulary.

    Returns:
      For n from 1 on, the row of the n-gram that ends with each token, and the
      row of its history in the table before; -1 where there is none.
    """
    ids, positions = text.ids.astype(np.int64), _positions(text.lengths)
    row, rows = ids, [(ids, np.zeros_like(ids))]
    for n, table in enumerate(by_order[1:], 2):
        history = _histories(row, positions, n, size)
        row = table.rows(history * (size + 1) + ids)
        row = np.where(history >= 0, row, -1)
        rows.append((row, history))
    return rows


def _positions(lengths):
    """Returns the position of each token in its line, from 0."""
    starts = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) - np.repeat(starts, lengths)


def _histories(row, positions, n, size):
    """Returns the row of the history of the n-gram that ends here, or -1.

    Args:
      row: Of the n-gram, one token shorter, that ends with each token.
      positions: Of each token in its line.
      n: Length of the n-gram.
      size: Of the vocabulary; row of the start mark among single tokens.
    """
    before = np.concatenate([[-1], row[:-1]])
    if n == 2:
        return np.where(positions == 0, size, before)
    return np.where(positions >= n - 2, before, -1)
