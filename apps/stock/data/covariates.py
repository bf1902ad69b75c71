"""Further columns of a table of prices: the covariates of a market."""

from __future__ import annotations

import datetime
import math
import pathlib
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from apps.stock.data import numbers
from apps.stock.data.series import Covariates
from common.data.tables import Row
from common.errors import UserError

MAX_VALUE = 1e30  # Beyond, float32 loses the squares.


def read(
    rows: Iterable[tuple[datetime.date, Row]],
    places: Mapping[str, int],
    path: pathlib.Path,
    decimal_commas: bool,
) -> dict[datetime.date, list[float | None]]:
    """Returns the values of each day, also of those without a price.

    None is an empty cell, or one that says that it is unknown.

    Args:
      rows: With their days.
      places: Of the columns, by name.
      path: The table, for messages.
      decimal_commas: See `numbers.parse`.

    Raises:
      UserError: A cell is not a number, or two rows of a day contradict each
        other.
    """
    known: dict[datetime.date, tuple[list[float | None], int]] = {}
    for day, row in rows:
        values = [
            _value(
                row, place, f"{path}, line {row.line}: {name}", decimal_commas
            )
            for name, place in places.items()
        ]
        first, line = known.setdefault(day, (values, row.line))
        if first != values:
            raise UserError(
                f"{path}, line {row.line}: {day} is also in line {line}, with "
                f"other values of {', '.join(places)}: remove one of them."
            )
    return {day: values for day, (values, _) in known.items()}


def of_days(
    by_day: Mapping[datetime.date, Sequence[float | None]],
    days: Sequence[datetime.date],
    names: Sequence[str],
    ahead: int,
) -> Covariates:
    """Returns the covariates of a series.

    Args:
      by_day: See `read`.
      days: Of the series, ascending; later ones are the coming days.
      names: Of the columns.
      ahead: How many, the last ones, are known for the coming days.
    """
    last = days[-1] if days else datetime.date.max
    coming = sorted(day for day in by_day if day > last) if ahead else []

    def table(rows):
        cells = [by_day[day] for day in rows]
        return np.array(cells, float).reshape(-1, len(names))

    return Covariates(
        list(names),
        table(days),
        ahead,
        np.array(coming, "M8[D]"),
        table(coming)[:, len(names) - ahead :],
    )


def _value(row, place, where, decimal_commas):
    text = row.cells[place]
    try:
        value = numbers.parse(text.removesuffix("%"), decimal_commas)
    except ValueError:
        value = math.inf
    if value is not None and not abs(value) < MAX_VALUE:
        raise UserError(
            f"{where} {text!r} is not a number: correct it, write 1 and 0 for "
            "yes and no, or leave the cell empty."
        )
    return value
