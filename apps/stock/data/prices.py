"""Daily prices in files of your own, one for each ticker."""

import functools
import pathlib

from apps.stock.data import markets
from common.errors import UserError


class Prices(markets.Markets):
    """The .csv files of a folder; each is checked for leaks of the future."""

    name = "prices"
    help = (
        "Your own daily prices: a .csv file for each ticker, named after it, "
        "with the columns of Yahoo Finance or those that --date_column and "
        "--price_column name."
    )
    license = (
        "the user's own files; prices of Yahoo Finance are for personal use "
        "by its terms."
    )
    files = "a folder of .csv files, or one .csv file."

    def readers(self):
        return {
            path.stem: functools.partial(self._read, path)
            for path in self._paths()
        }

    def _paths(self):
        folder = self.config.data_dir
        path = pathlib.Path(folder)
        paths = [path] if path.is_file() else sorted(path.glob("*.csv"))
        if not folder or not paths:
            raise UserError(
                f"No .csv file in --data_dir={folder!r}: name a folder with "
                "one for each ticker, as Yahoo Finance exports them."
            )
        return paths

    def _read(self, path):
        from apps.stock.data import leaks
        from apps.stock.data import price_table

        series = price_table.read(
            path, self.config.date_column, self.config.price_column
        )
        leaks.refuse(series, path)
        return series
