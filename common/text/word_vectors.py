"""Word vectors from text files."""

import pathlib

import numpy as np

from common.errors import UserError


def read(
    path: pathlib.Path, vocabulary: list[str], size: int
) -> tuple[list[int], np.ndarray]:
    """Returns the vectors in a file of the words of a vocabulary.

    Args:
      path: Text file in the format of GloVe (Pennington et al. 2014): one
        word per line, the word and its numbers separated by spaces.
      vocabulary: The words.
      size: Length of a vector.

    Returns:
      The positions in `vocabulary` of the words that the file contains, in
      ascending order, and their vectors, float32 (words, size).

    Raises:
      UserError: A line does not have `size` numbers, or no word of the
        vocabulary is in the file.
      OSError: The file cannot be read.
    """
    positions = {word: i for i, word in enumerate(vocabulary)}
    vectors = {}
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for number, line in enumerate(file, 1):
            # From the right: some words of GloVe contain spaces.
            word, *numbers = line.rstrip().rsplit(" ", size)
            if word not in positions and len(numbers) == size:
                continue
            try:
                vector = np.array(numbers, "f4").reshape(size)
                vectors[positions[word]] = vector
            except (KeyError, ValueError) as error:
                raise UserError(
                    f"{path}, line {number}: not a word with {size} numbers. "
                    "Set --embedding_size as in the file, or fix the line."
                ) from error
    if not vectors:
        raise UserError(f"{path} contains none of the words of the data set.")
    ordered = sorted(vectors)
    return ordered, np.stack([vectors[i] for i in ordered])
