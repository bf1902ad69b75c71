"""The header of a table of prices, and its complete rows."""

import pathlib
from typing import NamedTuple

from apps.stock.data import columns
from common.data import tables
from common.data import text_files
from common.data.tables import Row
from common.errors import UserError


class TableRows(NamedTuple):
    """The content of a table.

    Attributes:
      separator: Between cells.
      header: The names of the columns.
      rows: Each with a cell for each column.
    """

    separator: str
    header: columns.Header
    rows: list[Row]


def read(path: pathlib.Path, encoding: str = "") -> TableRows:
    """Returns the header and the rows of a table.

    Args:
      path: The file.
      encoding: See `text_files.read`.

    Raises:
      UserError: The file cannot be read, is empty, or has an incomplete row;
        names the line.
    """
    separator, rows = tables.read_rows(path, encoding)
    if rows and rows[0].cells[0].startswith("sep="):  # For Excel.
        rows = rows[1:]
    if not rows:
        raise UserError(f"{path} is empty: name another file.")
    for row in rows:
        try:
            text_files.require_utf8("".join(row.cells))
        except ValueError as error:
            raise UserError(f"{path}, line {row.line}: {error}.") from error
    header = columns.read_header(rows)
    size = len(header.names)
    complete = []
    for row in rows[header.rows :]:
        # Lines may end with separators.
        if len(row.cells) < size or any(row.cells[size:]):
            raise UserError(
                f"{path}, line {row.line}: {len(row.cells)} cells below {size} "
                "columns: fix or remove the line."
            )
        complete.append(row._replace(cells=row.cells[:size]))
    return TableRows(separator, header, complete)


def ticker_of(path: pathlib.Path) -> str:
    """Returns the ticker that the name of a file gives."""
    return pathlib.Path(path.name.removesuffix(".gz")).stem
