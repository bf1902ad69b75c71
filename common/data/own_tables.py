"""Records of a user's own table: which column holds what."""

from __future__ import annotations

import contextlib
import json
import pathlib
import sys
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from common.data import splits
from common.data import table_form
from common.data import tables
from common.data import text_files
from common.data.records import BadRecords
from common.errors import UserError


def read(
    path: pathlib.Path,
    fields: table_form.Fields,
    bad_records: BadRecords,
    *,
    decode: Callable[[dict[str, str]], Any] = lambda record: record,
    encoding: str = "",
    columns: str = "",
    is_header: Callable[[list[str]], bool] = lambda cells: False,
    survey: Callable[[list[dict[str, str]]], str] = lambda records: "",
    numeric_labels: bool = False,
) -> Iterator[tuple[str, Any]]:
    """Yields the readable records of a table, each after its split.

    The split is "train", "valid" or "test" if the table has a column `split`,
    else "". Prints to standard error what was understood.

    Args:
      path: A .tsv, .csv or .jsonl file, perhaps compressed by gzip.
      fields: What is read, in this order if the table has no header. For each
        field, further names of its column.
      bad_records: Skips and lists unreadable records.
      decode: Returns what is yielded for a record, a dict by field and, if
        there is such a column, `split`; raises ValueError for a bad one.
      encoding: See `text_files.read`.
      columns: Names or numbers (from 1) of the columns of `fields`, separated
        by commas; if empty, they are recognized.
      is_header: Whether a first row without the names of `fields` is a header.
        Titles above a header that names them are skipped.
      survey: Receives all records before the first one is decoded; returns
        what the line on standard error adds about them.
      numeric_labels: Whether a field may hold numbers: without a header, a
        column of small numbers that repeat is then not skipped as an id.

    Raises:
      UserError: The file cannot be read, does not have these columns, or has
        a split of another name.
    """
    wanted = _chosen(columns, fields, path)
    if path.name.lower().removesuffix(".gz").endswith(".jsonl"):
        description, rows, parse = _jsonl(
            path, fields, bad_records, encoding, wanted
        )
    else:
        separator, rows = tables.read_rows(path, encoding, bad_records.allowed)
        if not rows:
            raise UserError(f"{path} is empty: name another file.")
        form = table_form.recognize(
            path, rows, fields, wanted, is_header, numeric_labels
        )
        description, rows, parse = _table(path, separator, rows, form)
    parse = _with_split(parse)
    addition = survey(_parsed(path, rows, parse))
    parts = filter(None, [description, addition])
    print(f"{path}: {'; '.join(parts)}.", file=sys.stderr)

    def decode_row(row):
        record = parse(row)
        return record.get(table_form.SPLIT, ""), decode(record)

    yield from bad_records.readable(rows, decode_row)


def read_listed(
    table: str,
    fields: table_form.Fields,
    config: Any,
    bad_records: BadRecords,
    decode: Callable[[dict[str, str], pathlib.Path], Any],
) -> Iterator[tuple[str, Any]]:
    """Yields the readable records of a table whose rows name files.

    Args:
      table: Path of the table.
      fields: See `read`.
      config: The options of a run: `data_dir`, `encoding` and `columns`.
      bad_records: See `read`.
      decode: As in `read`; its second argument is the folder of the files,
        `data_dir` or that of the table.
    """
    path = pathlib.Path(table)
    folder = pathlib.Path(config.data_dir or path.parent)
    return read(
        path,
        fields,
        bad_records,
        decode=lambda record: decode(record, folder),
        encoding=config.encoding,
        columns=config.columns,
    )


def grouped(
    rows: Iterable[tuple[str, tuple[Hashable, Any]]],
) -> tuple[dict[Hashable, str], dict[Hashable, list]]:
    """Returns the split and the rows of each file that a table lists.

    Args:
      rows: The split of each row, and a pair of a file and a value.

    Raises:
      UserError: The rows of a file name different splits.
    """
    split_of: dict[Hashable, str] = {}
    values_of: dict[Hashable, list] = {}
    for split, (file, value) in rows:
        if split_of.setdefault(file, split) != split:
            raise UserError(
                f"The rows of {file} name the splits {split_of[file]} and "
                f"{split}: give all of them the same one."
            )
        values_of.setdefault(file, []).append(value)
    return split_of, values_of


def _with_split(parse):
    """Returns `parse` with the usual names of splits in its records."""

    def parse_row(row):
        record = parse(row)
        if table_form.SPLIT in record:
            name = record[table_form.SPLIT]
            record[table_form.SPLIT] = splits.NAMES.get(name.lower(), name)
        return record

    return parse_row


def _parsed(path, rows, parse):
    """Returns the records of the rows that have the right form.

    Raises:
      UserError: There is a column of splits, and a row has another name there.
    """
    records = {}
    for _, line, row in rows:
        with contextlib.suppress(ValueError):
            records[line] = parse(row)
    names = [record.get(table_form.SPLIT) for record in records.values()]
    for line, name in zip(records, names):
        if any(names) and name not in splits.SPLITS:
            raise UserError(
                f"{path}, line {line}: the split {name or ''!r} is not one of "
                f"{', '.join(splits.NAMES)}, in any letter case: correct it, "
                "or rename the column."
            )
    return list(records.values())


def _table(path, separator, rows, form):
    """Returns a description, numbered rows, and a function to parse one."""
    description = form.description(separator, rows)

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
        record = {
            name: _entry(value, [wanted[name]] if wanted else [name, *aliases])
            for name, aliases in fields.items()
        }
        if any(key.lower() == table_form.SPLIT for key in value):
            record[table_form.SPLIT] = _entry(value, [table_form.SPLIT])
        return record

    return description, records, parse


def _entry(value, names):
    entries = {key.lower(): entry for key, entry in value.items()}
    for name in names:
        entry = entries.get(name.lower())
        if isinstance(entry, str | int | float):
            return str(entry).strip()
    raise ValueError(f"no text or number called {' or '.join(names)}")
