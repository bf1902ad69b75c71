"""Reads CSV tables of daily prices."""

import csv
import datetime
import pathlib
import sys

import numpy as np

from apps.stock.data.series import BARS
from apps.stock.data.series import Series
from common.errors import UserError

ADJUSTED = "Adj Close"  # Of Yahoo Finance: for splits and dividends.
UNKNOWN = {"", "null", "nan", "none", "n/a", "-"}  # As exports write them.
MIN_SPLIT = 1.5  # A larger change may be a split of unadjusted shares.
SPLITS = (2, 3, 3 / 2, 4, 5, 6, 7, 8, 10, 15, 20)


def read(
    path: pathlib.Path, date_column: str = "Date", price_column: str = ADJUSTED
) -> Series:
    """Returns the series of a CSV file; its ticker is the name of the file.

    Rows may be in any order. A row without a price is a missing day; equal
    rows count once.

    Args:
      path: The file.
      date_column: Holds dates such as 2012-09-12.
      price_column: Holds prices, which must be adjusted for splits.

    Raises:
      UserError: The table cannot be used; names the line and the remedy.
    """
    lines, columns = _rows(path)
    _require(path, columns, date_column, "date_column")
    _require(path, columns, price_column, "price_column")
    rows = {}
    for number, cells in lines:
        where = f"{path}, line {number}"
        if len(cells) != len(columns):
            raise UserError(
                f"{where}: {len(cells)} cells below {len(columns)} columns: "
                "fix or remove the line."
            )
        row = dict(zip(columns, cells))
        day = _day(row[date_column], where)
        numbers = [_number(row, name, where) for name in (price_column, *BARS)]
        if numbers[0]:
            _add(rows, day, numbers, number, path)
    if len(rows) < 2:
        raise UserError(
            f"{path} has {len(rows)} days with a price: at least 2 are needed."
        )
    days = sorted(rows)
    table = np.array([rows[day][0] for day in days])
    if price_column != ADJUSTED:
        _warn_of_splits(
            path, price_column, table[:, 0], [rows[d][1] for d in days]
        )
    return Series(
        path.stem, np.array(days, "M8[D]"), table[:, 0], _bars(table[:, 1:])
    )


def _rows(path):
    """Returns numbered lines of cells, and the names of the columns."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            rows = [
                (reader.line_num, [cell.strip() for cell in row])
                for row in reader
                if row
            ]
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}): name a CSV file."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            f"{path} is not a CSV file in UTF-8 ({error}): export it again."
        ) from error
    if not rows:
        raise UserError(f"{path} is empty: name another file.")
    return rows[1:], rows[0][1]


def _require(path, columns, name, option):
    if name not in columns:
        raise UserError(
            f"{path}, line 1: no column {name!r} among "
            f"{', '.join(map(repr, columns))}: name it with --{option}."
        )


def _day(text, where):
    try:
        if text[10:11].strip(" T"):
            raise ValueError
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        raise UserError(
            f"{where}: {text!r} is not a date: write it as 2012-09-12."
        ) from None


def _number(row, name, where):
    """Returns the number in a cell, 0 if it is unknown.

    Zeros are refused in prices only: a day may have no volume.
    """
    text = row.get(name, "")
    if text.lower() in UNKNOWN:
        return 0.0
    try:
        value = float(text)
    except ValueError:
        raise UserError(
            f"{where}: {name} {text!r} is not a number: correct it, or leave "
            "the cell empty."
        ) from None
    if not np.isfinite(value) or value < 0 or (value == 0 and name != "Volume"):
        raise UserError(
            f"{where}: {name} {text!r} is not a price: correct it, or leave "
            "the cell empty."
        )
    return value


def _add(rows, day, numbers, line, path):
    known = rows.setdefault(day, (numbers, line))
    if known[0] != numbers:
        raise UserError(
            f"{path}, line {line}: {day} is also in line {known[1]}, with "
            "other numbers: remove one of them."
        )


def _bars(table):
    """Returns bars (days, 5), zero where prices contradict each other."""
    opens, highs, lows, closes = table[:, :4].T
    whole = (table[:, :4] > 0).all(1)
    # Prices are rounded: a high may be slightly below the close.
    slack = 1e-4 * closes
    whole &= highs >= np.maximum(opens, closes) - slack
    whole &= lows <= np.minimum(opens, closes) + slack
    return np.where(
        np.append(whole[:, None].repeat(4, 1), whole[:, None] | True, 1),
        table,
        0.0,
    )


def _warn_of_splits(path, column, prices, lines):
    """Prints to standard error where shares seem to have been split."""
    ratios = prices[1:] / prices[:-1]
    for place in np.flatnonzero(np.fmax(ratios, 1 / ratios) > MIN_SPLIT - 0.05):
        ratio = max(ratios[place], 1 / ratios[place])
        nearest = min(SPLITS, key=lambda split: abs(ratio / split - 1))
        if abs(ratio / nearest - 1) < 0.04:
            print(
                f"stock: {path}, line {lines[place + 1]}: {column} changes by "
                f"a factor of {ratio:.2f}: if shares were split there, use "
                "an adjusted --price_column.",
                file=sys.stderr,
            )
