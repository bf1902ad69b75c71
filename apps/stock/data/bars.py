"""The price and the bar of each day of a table."""

from __future__ import annotations

import datetime
import pathlib
from collections.abc import Iterable

import numpy as np

from apps.stock.data import numbers
from apps.stock.data.columns import Columns
from apps.stock.data.remarks import Remarks
from apps.stock.data.series import BARS
from common.data.tables import Row
from common.errors import UserError


def read(
    rows: Iterable[tuple[datetime.date, Row]],
    places: Columns,
    path: pathlib.Path,
    decimal_commas: bool,
    remarks: Remarks,
) -> dict[datetime.date, tuple[list[float], int]]:
    """Returns price, open, high, low, close and volume, and line, by day.

    A bar that is unknown is 0; a day without a price is left out.

    Args:
      rows: With their days.
      places: Of the columns.
      path: The table, for messages.
      decimal_commas: See `numbers.parse`.
      remarks: Receives how many cells of the bars cannot be used.

    Raises:
      UserError: A price is not one, or two rows of a day contradict each
        other.
    """
    known: dict[datetime.date, tuple[list[float], int]] = {}
    unusable = []
    for day, row in rows:
        price = _price(row, places, path, decimal_commas)
        if price is None:
            continue
        values = [price]
        for name, place in zip(BARS, places.bars):
            text = "" if place is None else row.cells[place]
            value = _optional(text, name, decimal_commas)
            if value is None:
                unusable.append(row.line)
            values.append(value or 0.0)
        first, line = known.setdefault(day, (values, row.line))
        if first != values:
            raise UserError(
                f"{path}, line {row.line}: {day} is also in line {line}, with "
                "other numbers: remove one of them. If the rows are of "
                "several tickers, name their column Ticker."
            )
    if unusable:
        remarks.add(
            "cells of open, high, low, close or volume are not positive "
            "numbers, and count as unknown.",
            f"{path}, line {unusable[0]}",
            len(unusable),
        )
    return known


def have_decimal_commas(
    rows: Iterable[Row],
    places: Columns,
    separator: str,
    further: Iterable[int] = (),
) -> bool:
    """Returns whether prices and bars have commas for decimal points.

    Args:
      rows: All rows of the table.
      places: Of the columns.
      separator: Of the table.
      further: Places of further columns.
    """
    used = {places.price, *places.bars, *further} - {None}
    cells = (row.cells[place] for row in rows for place in used)
    return numbers.has_decimal_commas(cells, separator)


def without_contradictions(table: np.ndarray) -> np.ndarray:
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


def _price(row, places, path, decimal_commas):
    """Returns the price of a row, None if it is unknown."""
    text = row.cells[places.price]
    where = f"{path}, line {row.line}: {places.price_name} {text!r}"
    remedy = "correct it, or leave the cell empty."
    try:
        price = numbers.parse(text, decimal_commas)
    except ValueError:
        raise UserError(f"{where} is not a number: {remedy}") from None
    if price is None:
        return None
    if not numbers.is_price(price):
        raise UserError(f"{where} is not a price: {remedy}")
    if not numbers.MIN_PRICE <= price <= numbers.MAX_PRICE:
        raise UserError(
            f"{where} is not between {numbers.MIN_PRICE:g} and "
            f"{numbers.MAX_PRICE:g}: {remedy}"
        )
    return price


def _optional(text, name, decimal_commas):
    """Returns a number of a bar; 0 if it is unknown, None if unusable."""
    try:
        value = numbers.parse(text, decimal_commas)
    except ValueError:
        return None
    if value is None:
        return 0.0
    if name == "Volume":  # A day may have none.
        return value if 0 <= value <= numbers.MAX_VOLUME else None
    is_usable = numbers.MIN_PRICE <= value <= numbers.MAX_PRICE
    return value if is_usable else None
