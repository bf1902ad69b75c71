"""Labeled texts in a file of your own."""

import codecs
import functools
import pathlib

from apps.sentiment.data import examples
from common.data import dataset
from common.data import splits
from common.errors import UserError


class OwnFile(dataset.Dataset):
    """A text per line, `label<TAB>text`, or a header that names the columns.

    Split 80/10/10 by the text itself, so that no text is in two splits.
    """

    name = "MINE.tsv"
    help = (
        "Your own texts: rows label<TAB>text, or a header that names the "
        "columns; labels 0/1, neg/pos, negative/positive."
    )
    license = "a file of the user's own."

    @classmethod
    def matches(cls, value):
        return value.endswith(".tsv")

    def examples(self, split):
        rows = self._rows[split]
        return examples.labeled(
            [text for text, _ in rows], [label for _, label in rows]
        )

    @functools.cached_property
    def _rows(self):
        """Pairs of text and label by split."""
        rows = {"train": [], "valid": [], "test": []}
        for text, label in self._read():
            rows[splits.by_hash(text)].append((text, label))
        return rows

    def _read(self):
        path = self.config.dataset
        columns, lines = _columns(_lines(path))

        def decode(line):
            cells = line.decode().removesuffix("\r").split("\t")
            row = dict(zip(columns, cells, strict=False))
            label = row.get("label", "").strip().lower()
            if len(cells) != len(columns) or label not in examples.LABELS:
                raise ValueError(
                    f"{line[:60].decode(errors='replace')!r} is not "
                    f"{'<tab>'.join(columns)} with one of the labels "
                    f"{', '.join(examples.LABELS)}"
                )
            return row["text"], examples.LABELS[label]

        records = (
            (path, number, line) for number, line in lines if line.strip()
        )
        yield from self.bad_records.readable(records, decode)


def _columns(lines):
    """Returns the names of the columns, and the numbered lines of rows."""
    header = lines[0].decode(errors="replace").lower().strip().split("\t")
    numbered = list(enumerate(lines, 1))
    if {"label", "text"} <= set(header):
        return header, numbered[1:]
    return ["label", "text"], numbered


def _lines(path):
    try:
        content = pathlib.Path(path).read_bytes()
    except OSError as error:
        raise UserError(
            f"--dataset={path} cannot be read: {error.strerror}."
        ) from error
    return content.removeprefix(codecs.BOM_UTF8).split(b"\n")
