"""Word vectors from text files."""

import pathlib

import numpy as np

from common.errors import UserError


def read(
    path: pathlib.Path, vocabulary: list[str], size: int
) -> tuple[list[int], np.ndarray]:
    """Returns the vectors of the words of `vocabulary` that a file holds.

    Args:
      path: a text file in the format of GloVe (Pennington et al. 2014): a
        line a word, the word and its numbers separated by spaces.
      vocabulary: list of words.
      size: int; numbers of a vector.

    Returns:
      The places in `vocabulary` of the words found, in ascending order, and
      their vectors, float32 (found, size).

    Raises:
      UserError: a line has no `size` numbers, or no word is found.
      OSError: the file cannot be read.
    """
    places = {word: place for place, word in enumerate(vocabulary)}
    found = {}
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for number, line in enumerate(file, 1):
            # From the right: some words of GloVe contain spaces.
            word, *numbers = line.rstrip().rsplit(" ", size)
            if word not in places and len(numbers) == size:
                continue
            try:
                found[places[word]] = np.array(numbers, "f4").reshape(size)
            except (KeyError, ValueError) as error:
                raise UserError(
                    f"{path}, line {number}: no word with {size} numbers; set "
                    "--embedding_size as in the file, or mend it."
                ) from error
    if not found:
        raise UserError(f"{path} holds none of the words of the data set.")
    ordered = sorted(found)
    return ordered, np.stack([found[place] for place in ordered])
