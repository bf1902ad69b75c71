"""Examples that code makes, each when it is first needed."""

import itertools
import threading
from collections.abc import Iterator
from typing import Any


class Drawn:
    """The first elements of an iterator, which are kept.

    To draw a whole data set may take ten seconds, and `predict test:3` needs
    four examples.

    Args:
      source: Yields at least `count` elements.
      count: Their number.
    """

    def __init__(self, source: Iterator[Any], count: int):
        self._source, self._count = source, count
        self._elements: list = []
        self._lock = threading.Lock()  # tf.data iterates in its own threads.

    def __len__(self) -> int:
        """Returns the number of elements."""
        return self._count

    def __iter__(self) -> Iterator[Any]:
        """Yields the elements."""
        return map(self._element, range(self._count))

    def _element(self, number):
        with self._lock:
            missing = max(0, number + 1 - len(self._elements))
            self._elements.extend(itertools.islice(self._source, missing))
            return self._elements[number]
