"""A text file of your own."""

import pathlib

from apps.language_model.data import text
from common.data import own_splits
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

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.splits = own_splits.OwnSplits(
            config, self._read_file, str.strip, "lines"
        )

    def lines(self, split):
        return self.splits.examples(split)

    def _read_file(self, path):
        """Returns pairs of a split, by the position, and a line."""
        lines = text.read_lines(
            pathlib.Path(path), self.bad_records, self.config.encoding
        )
        if path != self.splits.sources.get("train"):
            return [("", line) for line in lines]
        missing = self.splits.missing()
        if missing and len(lines) < MIN_LINES:
            raise UserError(
                f"{path} has {len(lines)} line{'' if len(lines) == 1 else 's'}"
                f": at least {MIN_LINES} are needed, of which 5 % each are for "
                f"{' and '.join(missing)}; a line ends with a line feed."
            )
        named = ["train"] * len(lines)
        for parts, split in enumerate(reversed(missing), 1):
            first, end = (
                (100 - 5 * n) * len(lines) // 100 for n in (parts, parts - 1)
            )
            named[first:end] = [split] * (end - first)
        return list(zip(named, lines))
