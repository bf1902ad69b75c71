"""The columns of a table of prices, recognized by their names."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections.abc import Sequence

from apps.stock.data import dates
from apps.stock.data.series import BARS
from common.data.tables import Row
from common.errors import UserError

# Names without case, brackets, units and punctuation; the first one counts.
DATES = (
    *("date", "timestamp", "datetime", "time", "day"),
    *("snappedat", "opentime", "observationdate", "tradedate"),
)
ADJUSTED = (
    *("adjclose", "adjustedclose", "closeadj", "closeadjusted"),
    *("adjcloseprice", "adjustedcloseprice", "adjprice", "adjustedprice"),
)
CLOSES = ("close", "closelast", "closeprice", "closingprice")
PRICES = (*CLOSES, "price", "last", "lastprice")
TICKERS = ("ticker", "symbol", "name", "tic")
BAR_NAMES = {
    "Open": ("open", "openprice", "openingprice"),
    "High": ("high", "highprice"),
    "Low": ("low", "lowprice"),
    "Close": PRICES,
    "Volume": ("volume", "vol", "totalvolume", "sharevolume"),
}


@dataclasses.dataclass(frozen=True)
class Header:
    """The names at the top of a table.

    Attributes:
      line: Of the names.
      names: Of the columns.
      tickers: Of the columns, empty if rows or the file have one: yfinance
        writes several tickers next to each other.
      rows: How many rows it takes.
    """

    line: int
    names: list[str]
    tickers: list[str]
    rows: int


@dataclasses.dataclass(frozen=True)
class Columns:
    """The places of the columns that are read.

    Attributes:
      date: Of the dates.
      price: Of the prices to forecast.
      bars: Of `series.BARS`; None if there is no such column.
      ticker: Of the tickers, if rows have one.
      time: Of times of the day, if they are in another column than dates.
      price_name: Name of the column of prices.
      is_adjusted: Whether the prices are adjusted for splits by their name.
      price_is_chosen: Whether the user named the column.
    """

    date: int
    price: int
    bars: tuple[int | None, ...]
    ticker: int | None
    time: int | None
    price_name: str
    is_adjusted: bool
    price_is_chosen: bool

    def remarks(self) -> list[str]:
        """Returns remarks on the choice, for the user."""
        remarks = []
        if not self.is_adjusted and not self.price_is_chosen:
            remarks.append(
                f"no column of adjusted prices: reads {self.price_name!r}; "
                "splits and dividends count as moves of the price. "
                "--price_column names another column."
            )
        missing = [b for b, place in zip(BARS, self.bars) if place is None]
        if missing:
            remarks.append(
                f"no column for {', '.join(missing)}: the forecast does "
                "without."
            )
        return remarks


def read_header(rows: Sequence[Row]) -> Header:
    """Returns the header of a table, also the three rows of yfinance."""
    names = rows[0].cells
    if len(rows) > 2:
        first, second = (key(row.cells[0]) for row in rows[:2])
        if {first, second} == {"price", "ticker"}:
            tickers = rows[1].cells
            if first == "ticker":
                names, tickers = tickers, names
            third = rows[2].cells
            is_header = key(third[0]) in DATES and not any(third[1:])
            names = [third[0] if is_header else "Date", *names[1:]]
            tickers = [*tickers, *[""] * (len(names) - len(tickers))]
            return Header(rows[0].line, names, tickers, 2 + is_header)
    return Header(rows[0].line, names, [], 1)


def find(
    header: Header,
    path: pathlib.Path,
    date_column: str = "",
    price_column: str = "",
    ticker: str = "",
) -> Columns:
    """Returns the columns of a table, or those of one ticker.

    Args:
      header: Of the table.
      path: The table, for messages.
      date_column: Its name; if empty, it is recognized.
      price_column: Its name; if empty, that of adjusted prices, else of
        closing prices.
      ticker: Which of `header.tickers`.

    Raises:
      UserError: There is no column of dates, or none of prices.
    """
    places = [
        place
        for place in range(len(header.names))
        if not header.tickers or header.tickers[place] == ticker
    ]
    date = _chosen(header, range(len(header.names)), date_column, DATES)
    # The index of a table that pandas wrote has no name.
    if date is None and not date_column and not header.names[0]:
        date = 0
    price = _chosen(header, places, price_column, (*ADJUSTED, *PRICES))
    for column, name, option, kind in (
        (date, date_column, "date_column", "dates"),
        (price, price_column, "price_column", "prices"),
    ):
        if column is None:
            raise _missing(header, path, name, option, kind)
    time = _place(header, places, ("time", "hour"))
    return Columns(
        date,
        price,
        tuple(_place(header, places, BAR_NAMES[bar]) for bar in BARS),
        None if header.tickers else _place(header, places, TICKERS),
        None if time == date else time,
        header.names[price],
        key(header.names[price]) in ADJUSTED,
        bool(price_column),
    )


def find_covariates(
    header: Header, path: pathlib.Path, names: Sequence[str], ticker: str = ""
) -> dict[str, int]:
    """Returns the places of further columns by their names.

    Args:
      header: Of the table.
      path: The table, for messages.
      names: Of the columns.
      ticker: Which of `header.tickers`; a column without one is of all.

    Raises:
      UserError: There is no such column.
    """
    places = [
        place
        for place in range(len(header.names))
        if not header.tickers or header.tickers[place] in (ticker, "")
    ]
    by_name = {name: _chosen(header, places, name, ()) for name in names}
    for name, place in by_name.items():
        if place is None:
            raise UserError(
                f"{path}, line {header.line}: no column {name!r} among "
                f"{', '.join(map(repr, header.names))}: add it, or leave it "
                "out of --covariates and --known_covariates."
            )
    return by_name


def key(name: str) -> str:
    """Returns a name without case, brackets, units and punctuation.

    "<CLOSE>", "4. close", "Close*" and "Close (USD)" become "close".
    """
    name = re.sub(r"^\s*\d+[a-z]?[.)]\s*|\(.*?\)|\[.*?\]", "", name.lower())
    return re.sub(r"[\W_]", "", name)


def _chosen(header, places, name, names):
    """Returns the place of the name that the user chose, or of a known one."""
    if not name:
        return _place(header, places, names)
    for place in places:
        if header.names[place] == name:
            return place
    return _place(header, places, (key(name),)) if key(name) else None


def _place(header, places, names):
    keys = {}
    for place in places:
        keys.setdefault(key(header.names[place]), place)
    return next((keys[name] for name in names if name in keys), None)


def _missing(header, path, name, option, kind):
    if not name and any(map(dates.is_date, header.names)):
        return UserError(
            f"{path}, line {header.line}: a row of prices where the names of "
            "the columns are needed: add a first line such as Date,Close."
        )
    wanted = repr(name) if name else f"of {kind}"
    return UserError(
        f"{path}, line {header.line}: no column {wanted} among "
        f"{', '.join(map(repr, header.names))}: name it with --{option}."
    )
