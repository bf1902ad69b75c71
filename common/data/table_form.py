"""The form of a user's own table: its header, and which column holds what."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from common.data import splits
from common.data import tables
from common.errors import UserError

Fields = Mapping[str, Sequence[str]]
SPLIT = "split"  # A column of this name holds the split of each row.
MAX_GRADE = 10  # A number above it is no label, such as a number of stars.


class TableForm(NamedTuple):
    """How a table is read.

    Attributes:
      places: Index of the column of each field, and of `SPLIT` if the table
        has it.
      names: Names of all columns, "-" where there is none.
      header: Rows up to the header, which is the last of them; 0 for none.
    """

    places: dict[str, int]
    names: list[str]
    header: int

    def description(self, separator: str, rows: Sequence[tables.Row]) -> str:
        """Returns a sentence on the columns and the header of the rows."""
        count = len(rows) - self.header
        columns = ", ".join(
            f"{name} (column {place + 1} of {len(self.names)})"
            for name, place in self.places.items()
        )
        header = "with a header" if self.header else "without a header"
        if self.header > 1:
            header += f" in line {rows[self.header - 1].line}"
        return (
            f"{count:,} row{'' if count == 1 else 's'}, "
            f"{tables.SEPARATORS[separator]}-separated, {header}; {columns}"
        )


def recognize(
    path: pathlib.Path,
    rows: Sequence[tables.Row],
    fields: Fields,
    wanted: dict[str, str],
    is_header: Callable[[list[str]], bool],
    numeric_labels: bool,
) -> TableForm:
    """Returns the form of a table; see `own_tables.read` for the arguments.

    Args:
      path: The table, for messages.
      rows: All rows, at least one.
      fields: What is read.
      wanted: The word of --columns for each field; may be empty.
      is_header: Recognizes a header without the names of the fields.
      numeric_labels: Whether a field may hold numbers.

    Raises:
      UserError: The columns cannot be recognized.
    """
    form = _of_fields(path, rows, fields, wanted, is_header, numeric_labels)
    if form.header and SPLIT in form.names:
        form.places.setdefault(SPLIT, form.names.index(SPLIT))
    return form


def _of_fields(path, rows, fields, wanted, is_header, numeric_labels):
    """Returns the form with the places of the fields alone."""
    by_name = bool(wanted) and not next(iter(wanted.values())).isdigit()
    named = {name: [word] for name, word in wanted.items()}
    if not by_name:
        named = {name: [name, *aliases] for name, aliases in fields.items()}
    header = _header_row(rows, named)
    first = [cell.lower() for cell in rows[max(header, 1) - 1].cells]
    if by_name:
        return TableForm(_by_name(path, rows, header, wanted), first, header)
    split = _split_column(rows)
    cells = [cell for i, cell in enumerate(rows[0].cells) if i != split]
    header = header or int(split is not None or is_header(cells))
    sample = [row.cells for row in rows[header:][: tables.SAMPLE]]
    widths = [len(cells) for cells in sample]
    width = max(set(widths), key=widths.count, default=0)
    if wanted:
        places = {name: int(word) - 1 for name, word in wanted.items()}
    elif header and _all_named(first, named):
        places = _places(first, named)
    else:
        columns = [i for i in range(width) if i != split]
        places = _by_position(path, sample, columns, fields, numeric_labels)
    if header:
        return TableForm(places, first, header)
    names = ["-"] * max(width, 1 + max(places.values()))
    for name, place in places.items():
        names[place] = name
    return TableForm(places, names, header)


def _header_row(rows, named):
    """Returns the number of the row that names all fields, from 1; or 0.

    Above it, there may be titles, which have fewer cells.
    """
    for number, row in enumerate(rows[: 1 + tables.MAX_TITLES], 1):
        above = [len(title.cells) for title in rows[: number - 1]]
        if all(cells < len(row.cells) for cells in above) and _all_named(
            [cell.lower() for cell in row.cells], named
        ):
            return number
    return 0


def _split_column(rows):
    """Returns the column under `SPLIT` in the first row, or None.

    Without one of the usual names below it, this is a word of the data.
    """
    for place, cell in enumerate(rows[0].cells):
        below = [row.cells[place : place + 1] for row in rows[1:]]
        if cell.lower() == SPLIT and any(
            name.lower() in splits.NAMES for names in below for name in names
        ):
            return place
    return None


def _all_named(header, named):
    return None not in _places(header, named).values()


def _places(header, named):
    """Returns for each field the column that has one of its names, or None."""
    return {
        field: next(
            (header.index(n.lower()) for n in names if n.lower() in header),
            None,
        )
        for field, names in named.items()
    }


def _by_name(path, rows, header, wanted):
    row = rows[max(header, 1) - 1]
    first = [cell.lower() for cell in row.cells]
    for word in wanted.values():
        if word.lower() not in first:
            raise UserError(
                f"{path}, line {row.line}: no column {word!r} among "
                f"{', '.join(map(repr, row.cells))}: choose from these with "
                "--columns, or pass numbers from 1."
            )
    return {name: first.index(word.lower()) for name, word in wanted.items()}


def _by_position(path, sample, places, fields, numeric_labels):
    """Returns the places of the fields, in the order of the columns.

    Where there are more columns than fields, those of numbers are skipped, as
    the ids of an export, and so are empty ones.
    """
    columns = {i: [c[i] for c in sample if i < len(c)] for i in places}
    filled = [i for i in places if any(columns[i])]
    if len(filled) > len(fields):
        numbers = [i for i in filled if all(map(_is_number, columns[i]))]
        filled = [i for i in filled if i not in numbers]
        graded = numeric_labels and any(
            _are_grades(columns[i]) for i in numbers
        )
        if graded or len(filled) < len(fields):
            example = ",".join(str(1 + i) for i in range(len(fields)))
            raise UserError(
                f"{path} has {len(places)} columns and no header that names "
                f"{' and '.join(fields)}: pass their numbers, such as "
                f"--columns={example}."
            )
    if len(filled) < len(fields):
        is_wide = len(places) >= len(fields)
        filled = places if is_wide else range(len(fields))
    return dict(zip(fields, filled))


def _is_number(cell):
    return bool(re.fullmatch(r"[-+]?\d*[.,]?\d+", cell))


def _are_grades(cells):
    """Returns whether numbers may be labels: small ones that repeat."""
    values = {float(cell.replace(",", ".")) for cell in cells}
    return len(values) < len(cells) and max(map(abs, values)) <= MAX_GRADE
