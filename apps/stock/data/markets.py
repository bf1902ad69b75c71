"""What the data sets have in common: series, their periods, their windows."""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from apps.stock.data.remarks import Remarks
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
    def remarks(self) -> Remarks:
        """Remarks on the files, printed when the series have been read."""
        return Remarks()

    @functools.cached_property
    def series(self) -> tuple[Series, ...]:
        """The series that --tickers chooses; all, in alphabetical order.

        Without those that begin too late to be scored.

        Raises:
          UserError: There is no such ticker, a file cannot be used, or no
            series begins early enough.
        """
        return self._kept_and_left_out[0]

    @property
    def left_out(self) -> list[str]:
        """Sentences on the series that begin too late to be scored."""
        return self._kept_and_left_out[1]

    @functools.cached_property
    def _kept_and_left_out(self):
        from apps.stock.data import periods

        readers = self.readers()
        config = self.config
        chosen = sorted(readers)
        if config.tickers:
            chosen = config.tickers.split(",")
        for ticker in chosen:
            if ticker not in readers:
                raise UserError(
                    f"No ticker {ticker!r}: choose from {','.join(readers)}."
                )
        series = [readers[ticker]() for ticker in chosen]
        kept, left_out = periods.with_history(
            series,
            config.window,
            config.horizon,
            config.test_start,
            config.test_end,
        )
        for sentence in left_out:
            self.remarks.add(sentence, config.data_dir)
        self.remarks.print()
        return kept, left_out

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
