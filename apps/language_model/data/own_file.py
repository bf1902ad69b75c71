"""A text file of your own."""

import functools
import pathlib

from apps.language_model.data import text
from common.errors import UserError

MIN_LINES = 20  # With fewer, a split would be empty.


class OwnFile(text.Text):
    """A text, split by position.

    The first 90 % of the lines train, the next 5 % validate, the last 5 %
    test: a line belongs to those around it, and would not be independent of
    them in another split.
    """

    name = "MINE.txt"
    help = (
        "Your own text (also .gz): the first 90 % of its lines train, 5 % "
        "validate, 5 % test."
    )
    license = "a file of the user's own."

    @classmethod
    def matches(cls, value):
        return bool(pathlib.Path(value).suffix)

    def lines(self, split):
        first = 90 * len(self._lines) // 100
        second = 95 * len(self._lines) // 100
        bounds = {
            "train": (0, first),
            "valid": (first, second),
            "test": (second, None),
        }
        return self._lines[slice(*bounds[split])]

    @functools.cached_property
    def _lines(self):
        path = pathlib.Path(self.config.dataset)
        lines = text.read_lines(path, self.bad_records, self.config.encoding)
        if len(lines) < MIN_LINES:
            raise UserError(
                f"{path} has {len(lines)} line{'' if len(lines) == 1 else 's'}"
                f": at least {MIN_LINES} are needed for three splits (90, 5 "
                "and 5 %); a line ends with a line feed."
            )
        return lines
