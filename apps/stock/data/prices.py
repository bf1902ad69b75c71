"""Daily prices in files of your own, one for each ticker or one for all."""

import functools
import pathlib

from apps.stock.data import markets
from apps.stock.data.form import Form
from common.errors import UserError

ENDINGS = (".csv", ".tsv", ".csv.gz", ".tsv.gz")


class Prices(markets.Markets):
    """Tables of prices; each series is checked for leaks of the future."""

    name = "prices"
    help = (
        "Your own daily prices: a .csv file for each ticker, named after it, "
        "or one file with a column Ticker. Columns are recognized by their "
        "names, or named with --date_column and --price_column."
    )
    license = (
        "the user's own files; prices of Yahoo Finance are for personal use "
        "by its terms."
    )
    files = "a folder of .csv files, or one .csv file."

    def readers(self):
        from apps.stock.data import table_rows

        paths = self._paths()
        if len(paths) == 1:
            table = self._table(paths[0])
            if len(table.tickers) > 1:
                return {
                    ticker: functools.partial(self._series, table, ticker)
                    for ticker in table.tickers
                }
        return {
            table_rows.ticker_of(path): functools.partial(self._read, path)
            for path in paths
        }

    def _paths(self):
        folder = self.config.data_dir
        path = pathlib.Path(folder)
        if not folder or not path.exists():
            paths = []
        elif path.is_file():
            paths = [path]
        else:
            paths = sorted(
                child
                for child in path.iterdir()
                if child.name.lower().endswith(ENDINGS)
            )
        if not paths:
            raise UserError(
                f"No .csv file in --data_dir={folder!r}: name a folder with "
                "one for each ticker, or one file."
            )
        return paths

    def _table(self, path):
        from apps.stock.data import price_table

        form = Form.of_options(self.config)
        return price_table.PriceTable(path, form, self.remarks)

    def _read(self, path):
        table = self._table(path)
        if len(table.tickers) > 1:
            raise UserError(
                f"{path} has the prices of {len(table.tickers):,} tickers: "
                f"use it alone, with --data_dir={path}."
            )
        return self._series(table)

    def _series(self, table, ticker=""):
        from apps.stock.data import leaks

        series = table.series(ticker)
        leaks.refuse(series, table.path)
        leaks.refuse_covariates(
            series, table.path, self.config.horizon, self.remarks
        )
        return series
