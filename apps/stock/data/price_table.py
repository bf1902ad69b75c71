"""Reads tables of daily prices."""

from __future__ import annotations

import functools
import pathlib

import numpy as np

from apps.stock.data import bars
from apps.stock.data import checks
from apps.stock.data import columns
from apps.stock.data import covariates
from apps.stock.data import dates
from apps.stock.data import table_rows
from apps.stock.data.form import Form
from apps.stock.data.remarks import Remarks
from apps.stock.data.series import Series
from common.errors import UserError

MAX_LISTED = 20  # Tickers in a message.


class PriceTable:
    """A table of the daily prices of one ticker, or of several.

    Args:
      path: The file: rows separated by tabs, commas or semicolons, also
        packed by gzip.
      form: How it is written.
      remarks: Receives remarks for the user; the caller prints them.

    Raises:
      UserError: The table cannot be read; names the line and the remedy.
    """

    def __init__(self, path: pathlib.Path, form: Form, remarks: Remarks):
        self.path, self.form, self.remarks = path, form, remarks
        self._separator, self._header, self._rows = table_rows.read(
            path, form.encoding
        )

    @functools.cached_property
    def tickers(self) -> list[str]:
        """The tickers that its rows or columns name, in alphabetical order."""
        names = self._header.tickers[1:]
        if not names:
            place = self._columns("").ticker
            if place is None:
                return []
            names = [row.cells[place] for row in self._rows]
        return sorted(set(names) - {""})

    def series(self, ticker: str = "") -> Series:
        """Returns the series of a ticker.

        Rows may be in any order. A row without a price is a missing day; equal
        rows count once.

        Args:
          ticker: One of `tickers`; not needed if there is one at most: then
            the name of the file is that of the series.

        Raises:
          UserError: The prices cannot be used; names the line and the remedy.
        """
        chosen = self._require_ticker(ticker)
        places = self._columns(chosen)
        rows = list(self._rows_of(places, chosen))
        known = bars.read(
            rows, places, self.path, self._decimal_commas, self.remarks
        )
        days = sorted(known)
        table = np.array([known[day][0] for day in days]).reshape(-1, 6)
        lines = [known[day][1] for day in days]
        name = f"{self.path}:{ticker}" if ticker else str(self.path)
        checks.refuse_rare_rows(np.array(days, "M8[D]"), name)
        checks.refuse_other_units(table[:, 0], lines, self.path)
        for text in places.remarks():
            self.remarks.add(text, str(self.path))
        if not places.is_adjusted:
            checks.warn_of_splits(
                table[:, 0], lines, self.path, places.price_name
            )
        return Series(
            ticker or table_rows.ticker_of(self.path),
            np.array(days, "M8[D]"),
            table[:, 0],
            bars.without_contradictions(table[:, 1:]),
            covariates=self._covariates(rows, days, chosen),
        )

    def _covariates(self, rows, days, ticker):
        """Returns the further columns of the days; None if there are none."""
        places = self._covariate_places(ticker)
        if not places:
            return None
        by_day = covariates.read(rows, places, self.path, self._decimal_commas)
        ahead = len(self.form.known_covariate_names)
        return covariates.of_days(by_day, days, list(places), ahead)

    def _covariate_places(self, ticker):
        form = self.form
        names = [*form.covariate_names, *form.known_covariate_names]
        ticker = ticker or self._any_ticker
        return columns.find_covariates(self._header, self.path, names, ticker)

    def _columns(self, ticker):
        form = self.form
        return columns.find(
            self._header,
            self.path,
            form.date_column,
            form.price_column,
            ticker or self._any_ticker,
        )

    @property
    def _any_ticker(self):
        """A ticker of the columns; empty if the columns have none."""
        return max(self._header.tickers[1:], default="")

    def _require_ticker(self, ticker):
        """Returns the ticker; empty if the table has none."""
        if ticker in self.tickers:
            return ticker
        listed = ", ".join(self.tickers[:MAX_LISTED])
        if len(self.tickers) > MAX_LISTED:
            listed += ", …"
        if ticker:
            raise UserError(
                f"{self.path} has no ticker {ticker!r}: choose from {listed}."
                if listed
                else f"{self.path} has no column of tickers: leave out "
                f"':{ticker}'."
            )
        if len(self.tickers) > 1:
            raise UserError(
                f"{self.path} has the prices of {len(self.tickers):,} tickers "
                f"({listed}): choose one, as in "
                f"{self.path}:{self.tickers[0]}."
            )
        return self.tickers[0] if self.tickers else ""

    @functools.cached_property
    def _days(self):
        """The day, and the time of the day, of each row."""
        places = self._columns("")
        cells = [(row.line, row.cells[places.date]) for row in self._rows]
        days = dates.read(cells, self.path, self.form.date_format)
        if places.time is None:
            return days
        return [
            (day, time + row.cells[places.time])
            for (day, time), row in zip(days, self._rows)
        ]

    @functools.cached_property
    def _decimal_commas(self):
        return bars.have_decimal_commas(
            self._rows,
            self._columns(""),
            self._separator,
            self._covariate_places("").values(),
        )

    @functools.cached_property
    def _rows_by_ticker(self):
        """Days, times and rows by ticker; by "" without such a column."""
        place = self._columns("").ticker
        by_ticker = {}
        for (day, time), row in zip(self._days, self._rows):
            name = "" if place is None else row.cells[place]
            if place is not None and not name and self.tickers:
                raise UserError(
                    f"{self.path}, line {row.line}: no ticker in column "
                    f"{self._header.names[place]!r}: add it, or remove the "
                    "line."
                )
            by_ticker.setdefault(name, []).append((day, time, row))
        return by_ticker

    def _rows_of(self, places, ticker):
        """Returns the days and rows of a ticker; refuses intraday prices."""
        name = "" if places.ticker is None else ticker
        times = {}
        for day, time, row in self._rows_by_ticker.get(name, ()):
            if times.setdefault(day, time) != time:
                raise UserError(
                    f"{self.path}, line {row.line}: {day} has rows of several "
                    "times (intraday: one row per day is needed): keep the "
                    "last row of each day."
                )
            yield day, row
