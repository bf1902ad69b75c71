"""Records of a user's own table: which column holds what."""

from __future__ import annotations

import contextlib
import json
import pathlib
import re
import sys
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from common.data import tables
from common.data import text_files
from common.data.records import BadRecords
from common.errors import UserError

Fields = Mapping[str, Sequence[str]]


def read(
    path: pathlib.Path,
    fields: Fields,
    bad_records: BadRecords,
    *,
    decode: Callable[[dict[str, str]], Any] = lambda record: record,
    encoding: str = "",
    columns: str = "",
    is_header: Callable[[list[str]], bool] = lambda cells: False,
    survey: Callable[[list[dict[str, str]]], str] = lambda records: "",
) -> Iterator[Any]:
    """Yields the readable records of a table.

    Prints to standard error what was understood.

    Args:
      path: A .tsv, .csv or .jsonl file, perhaps compressed by gzip.
      fields: What is read, in this order if the table has no header. For each
        field, further names of its column.
      bad_records: Skips and lists unreadable records.
      decode: Returns what is yielded for a record, a dict by field; raises
        ValueError for a bad one.
      encoding: See `text_files.read`.
      columns: Names or numbers (from 1) of the columns of `fields`, separated
        by commas; if empty, they are recognized.
      is_header: Whether a first row without the names of `fields` is a header.
      survey: Receives all records before the first one is decoded; returns
        what the line on standard error adds about them.

    Raises:
      UserError: The file cannot be read, or does not have these columns.
    """
    wanted = _chosen(columns, fields, path)
    if path.name.lower().removesuffix(".gz").endswith(".jsonl"):
        description, rows, parse = _jsonl(
            path, fields, bad_records, encoding, wanted
        )
    else:
        description, rows, parse = _table(
            path, fields, bad_records, encoding, wanted, is_header
        )
    addition = survey(list(_parsed(rows, parse)))
    parts = filter(None, [description, addition])
    print(f"{path}: {'; '.join(parts)}.", file=sys.stderr)
    yield from bad_records.readable(rows, lambda row: decode(parse(row)))


def _parsed(rows, parse):
    """Yields the records of the rows that have the right form."""
    for *_, row in rows:
        with contextlib.suppress(ValueError):
            yield parse(row)


def _table(path, fields, bad_records, encoding, wanted, is_header):
    """Returns a description, numbered rows, and a function to parse one."""
    separator, rows = tables.read_rows(path, encoding, bad_records.allowed)
    if not rows:
        raise UserError(f"{path} is empty: name another file.")
    form = _form(path, rows, fields, wanted, is_header)
    description = form.description(separator, len(rows))

    def parse(cells):
        if not max(form.places.values()) < len(cells) <= len(form.names):
            expected = f"<{tables.SEPARATORS[separator]}>".join(form.names)
            raise ValueError(
                f"{separator.join(cells)[:60]!r} is not {expected}"
            )
        return {
            name: text_files.require_utf8(cells[place])
            for name, place in form.places.items()
        }

    rows = [(str(path), row.line, row.cells) for row in rows[form.header :]]
    return description, rows, parse


class _Form(NamedTuple):
    """How a table is read.

    Attributes:
      places: Index of the column of each field.
      names: Names of all columns, "-" where there is none.
      header: Rows of the header, 0 or 1.
    """

    places: dict[str, int]
    names: list[str]
    header: int

    def description(self, separator, rows):
        count = rows - self.header
        columns = ", ".join(
            f"{name} (column {place + 1} of {len(self.names)})"
            for name, place in self.places.items()
        )
        return (
            f"{count:,} row{'' if count == 1 else 's'}, "
            f"{tables.SEPARATORS[separator]}-separated, "
            f"{'with' if self.header else 'without'} a header; {columns}"
        )


def _chosen(columns, fields, path):
    """Returns the word of --columns for each field."""
    if not columns:
        return {}
    words = [word.strip() for word in columns.split(",")]
    digits = {word.isdigit() for word in words}
    if len(words) != len(fields) or "" in words or len(digits) > 1:
        raise UserError(
            f"--columns={columns}: name {len(fields)} columns of {path}, those "
            f"of {', '.join(fields)}, or pass their numbers from 1."
        )
    if "0" in words:
        raise UserError(f"--columns={columns}: columns count from 1.")
    return dict(zip(fields, words))


def _form(path, rows, fields, wanted, is_header):
    first = [cell.lower() for cell in rows[0].cells]
    if wanted and not next(iter(wanted.values())).isdigit():
        return _Form(_by_name(path, rows[0], wanted), first, 1)
    known = {n: _place(first, [n, *aliases]) for n, aliases in fields.items()}
    is_named = None not in known.values()
    header = int(is_named or is_header(rows[0].cells))
    sample = [row.cells for row in rows[header:][: tables.SAMPLE]]
    widths = [len(cells) for cells in sample]
    width = max(set(widths), key=widths.count, default=0)
    if wanted:
        places = {name: int(word) - 1 for name, word in wanted.items()}
    elif is_named:
        places = known
    else:
        places = _by_position(path, sample, width, fields)
    if header:
        return _Form(places, first, header)
    names = ["-"] * max(width, 1 + max(places.values()))
    for name, place in places.items():
        names[place] = name
    return _Form(places, names, header)


def _by_name(path, header, wanted):
    first = [cell.lower() for cell in header.cells]
    for word in wanted.values():
        if word.lower() not in first:
            raise UserError(
                f"{path}, line {header.line}: no column {word!r} among "
                f"{', '.join(map(repr, header.cells))}: choose from these with "
                "--columns, or pass numbers from 1."
            )
    return {name: first.index(word.lower()) for name, word in wanted.items()}


def _place(header, names):
    """Returns the index of the first name that a header has, or None."""
    return next((header.index(n) for n in names if n in header), None)


def _by_position(path, sample, width, fields):
    """Returns the places of columns in order.

    Where there are more columns than fields, those of numbers are skipped, as
    the ids of an export, and so are empty ones.
    """
    columns = [[c[i] for c in sample if i < len(c)] for i in range(width)]
    filled = [i for i in range(width) if any(columns[i])]
    if len(filled) > len(fields):
        filled = [i for i in filled if not all(map(_is_number, columns[i]))]
        if len(filled) < len(fields):
            numbers = ",".join(str(1 + i) for i in range(len(fields)))
            raise UserError(
                f"{path} has {width} columns and no header that names "
                f"{' and '.join(fields)}: pass their numbers, such as "
                f"--columns={numbers}."
            )
    if len(filled) < len(fields):
        filled = range(len(fields))
    return dict(zip(fields, filled))


def _is_number(cell):
    return bool(re.fullmatch(r"[-+]?\d*[.,]?\d+", cell))


def _jsonl(path, fields, bad_records, encoding, wanted):
    """Returns a description, numbered lines, and a function to parse one."""
    text = text_files.read(path, encoding, bad_records.allowed)
    records = [
        (str(path), number, line)
        for number, line in enumerate(text_files.lines(text), 1)
        if line.strip()
    ]
    description = f"{len(records):,} JSON objects; {', '.join(fields)}"

    def parse(line):
        value = json.loads(text_files.require_utf8(line))
        if not isinstance(value, dict):
            raise ValueError(f"{line[:60]!r} is not a JSON object")
        return {
            name: _entry(value, [wanted[name]] if wanted else [name, *aliases])
            for name, aliases in fields.items()
        }

    return description, records, parse


def _entry(value, names):
    entries = {key.lower(): entry for key, entry in value.items()}
    for name in names:
        entry = entries.get(name.lower())
        if isinstance(entry, str | int | float):
            return str(entry).strip()
    raise ValueError(f"no text or number called {' or '.join(names)}")
