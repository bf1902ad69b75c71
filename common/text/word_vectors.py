"""Word vectors from text files."""

import gzip
import itertools
import pathlib
import statistics

import numpy as np

from common.errors import UserError

GZIP = b"\x1f\x8b"  # How a compressed file begins.


def read(
    path: pathlib.Path, vocabulary: list[str], size: int
) -> tuple[list[int], np.ndarray]:
    """Returns the vectors in a file of the words of a vocabulary.

    Args:
      path: Text file in the format of GloVe (Pennington et al. 2014): one
        word per line, the word and its numbers separated by spaces. A first
        line with the number of words and the length of a vector, as word2vec
        and fastText write it, is skipped. It may be compressed by gzip.
      vocabulary: The words.
      size: Length of a vector.

    Returns:
      The positions in `vocabulary` of the words that the file contains, in
      ascending order, and their vectors, float32 (words, size).

    Raises:
      UserError: The vectors have another length, a number is not finite, or
        no word of the vocabulary is in the file.
      OSError: The file cannot be read.
    """
    positions = {word: i for i, word in enumerate(vocabulary)}
    vectors = {}
    with _opened(path) as file:
        lines = enumerate(file, 1)
        first = list(itertools.islice(lines, 10))
        if first and _is_header(first[0][1]):
            del first[0]
        _require_size(path, [line for _, line in first], size)
        for number, line in itertools.chain(first, lines):
            # From the right: some words of GloVe contain spaces.
            word, *numbers = line.rstrip().rsplit(" ", size)
            if word not in positions and len(numbers) == size:
                continue
            try:
                with np.errstate(over="ignore"):  # Becomes infinite.
                    vector = np.array(numbers, "f4").reshape(size)
                vectors[positions[word]] = vector
            except (KeyError, ValueError) as error:
                raise UserError(
                    f"{path}, line {number}: not a word with {size} numbers: "
                    "fix or remove the line."
                ) from error
            if not np.isfinite(vector).all():
                raise UserError(
                    f"{path}, line {number}: a number of {word!r} is not "
                    "finite: fix or remove the line."
                )
    if not vectors:
        raise UserError(f"{path} contains none of the words of the data set.")
    ordered = sorted(vectors)
    return ordered, np.stack([vectors[i] for i in ordered])


def _opened(path):
    with path.open("rb") as file:
        is_compressed = file.read(2) == GZIP
    open_file = gzip.open if is_compressed else open
    return open_file(
        path, "rt", encoding="utf-8", errors="replace", newline="\n"
    )


def _is_header(line):
    return len(line.split()) == 2 and all(p.isdecimal() for p in line.split())


def _require_size(path, lines, size):
    """Checks the number of numbers of most lines: a word may contain spaces."""
    counts = [len(line.split()) - 1 for line in lines]
    actual = statistics.mode(counts) if counts else size
    if actual != size:
        raise UserError(
            f"{path} has vectors of {actual} numbers: pass --embedding_size="
            f"{actual}."
        )
