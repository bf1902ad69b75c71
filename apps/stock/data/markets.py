"""What the data sets have in common: series, their periods, their windows."""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from common.data import dataset
from common.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from apps.stock.data.periods import Periods
    from apps.stock.data.series import Series


class Markets(dataset.Dataset):
    """One price series for each ticker, split by time.

    An example is a window of days and the days that follow it. Examples are
    ordered by day, then by ticker.
    """

    @abc.abstractmethod
    def readers(self) -> dict[str, Callable[[], Series]]:
        """Returns, for each ticker, a function that returns its series."""

    @functools.cached_property
    def series(self) -> tuple[Series, ...]:
        """The series that --tickers chooses; all, in alphabetical order.

        Raises:
          UserError: There is no such ticker, or a file cannot be used.
        """
        readers = self.readers()
        tickers = self.config.tickers
        chosen = tickers.split(",") if tickers else sorted(readers)
        for ticker in chosen:
            if ticker not in readers:
                raise UserError(
                    f"No ticker {ticker!r}: choose from {','.join(readers)}."
                )
        return tuple(readers[ticker]() for ticker in chosen)

    @functools.cached_property
    def periods(self) -> Periods:
        """The periods of training, validation and test."""
        from apps.stock.data import periods

        return periods.choose(
            self.series, self.config.test_start, self.config.test_end
        )

    def fold_starts(self) -> np.ndarray:
        """Returns the first day of each fold of the backtest."""
        from apps.stock.data import periods

        return periods.fold_starts(self.series, self.periods, self.config.folds)

    def examples(self, split):
        from apps.stock.data import windows

        return windows.examples(
            self.series,
            split,
            self.periods,
            self.config.window,
            self.config.horizon,
            self.config.target,
        )
