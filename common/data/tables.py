"""Rows of tables as people have them: separators, quotes, line breaks."""

from __future__ import annotations

import csv
import io
import pathlib
import re
from typing import NamedTuple

from common.data import text_files
from common.errors import UserError

# The endings of tables; each may be followed by .gz.
ENDINGS = (".tsv", ".csv", ".jsonl")
SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
SAMPLE = 100  # Rows from which the form of a table is recognized.
MAX_TITLES = 3  # Lines above a header.
_MAX_CELL = 2**27  # Characters; the csv module refuses 131,073 by default.


class Row(NamedTuple):
    """One row of a table.

    Attributes:
      line: The number of its first line, from 1.
      cells: Without surrounding white space.
    """

    line: int
    cells: list[str]


def is_table(name: str) -> bool:
    """Returns whether the name of a file is that of a table."""
    return name.lower().removesuffix(".gz").endswith(ENDINGS)


def read_rows(
    path: pathlib.Path, encoding: str = "", tolerated: float = 0.0
) -> tuple[str, list[Row]]:
    """Returns the separator of a table, and its rows that are not empty.

    The separator is recognized by the rows; quotes are read as in CSV unless
    the file contradicts it, as a text file does in which quotation marks are
    just characters.

    Args:
      path: The file.
      encoding: See `text_files.read`.
      tolerated: See `text_files.read`.

    Raises:
      UserError: The file cannot be read.
    """
    text = text_files.read(path, encoding, tolerated)
    # A carriage return alone would end a row of the csv module.
    text = re.sub("\r(?!\n)", " ", text).replace("\r\n", "\n")
    separator = _separator(text)
    quoting = csv.QUOTE_MINIMAL
    if not _is_quoted(text, separator):
        quoting = csv.QUOTE_NONE
    previous = csv.field_size_limit(_MAX_CELL)
    try:
        return separator, list(_rows(text, separator, quoting))
    except csv.Error as error:
        raise UserError(
            f"{path} is not a table ({error}): export it again."
        ) from error
    finally:
        csv.field_size_limit(previous)


def _rows(text, separator, quoting):
    reader = csv.reader(
        io.StringIO(text, newline="\n"), delimiter=separator, quoting=quoting
    )
    first = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield Row(first, [cell.strip() for cell in cells])
        first = reader.line_num + 1


def _separator(text):
    """Returns the separator that divides most rows into as many cells."""
    sample = [line for line in text.split("\n")[:SAMPLE] if line.strip()]
    if sum("\t" in line for line in sample) * 2 > len(sample):
        return "\t"
    counts = {
        separator: [_outside_quotes(line).count(separator) for line in sample]
        for separator in (",", ";", "|")
    }
    # A comma may be a decimal comma where semicolons separate.
    complete = [s for s, n in counts.items() if n and min(n)]
    equal = _equal(counts)
    if not complete:  # Titles above the table have no separator.
        for titles in range(1, MAX_TITLES + 1):
            equal = equal or _equal({s: n[titles:] for s, n in counts.items()})
    return (equal[::-1] or complete[::-1] or ["\t"])[0]


def _equal(counts):
    """Returns the separators that occur equally often in all lines."""
    return [s for s, n in counts.items() if n and min(n) == max(n) > 0]


def _outside_quotes(line):
    return re.sub(r'"[^"]*"', "", line)


def _is_quoted(text, separator):
    """Returns whether quotation marks are those of CSV.

    CSV doubles each within a quoted cell; one inside of a cell that is not
    doubled shows that they are characters.
    """
    single = text.replace('""', "")
    edge = re.escape(separator)
    if re.search(rf'(?<=[^{edge}\n])"(?=[^{edge}\n])', single):
        return False
    return single.count('"') % 2 == 0
