"""The daily prices of one market."""

import dataclasses

import numpy as np

BARS = ("Open", "High", "Low", "Close", "Volume")


@dataclasses.dataclass(frozen=True, eq=False)
class Covariates:
    """Further columns of a market; NaN where a value is unknown.

    Attributes:
      names: Of the columns.
      values: float (days, columns), for the days of the series.
      ahead: How many columns, the last ones, are known for the coming days.
      coming_days: datetime64[D] (coming days,), after the end of the series.
      coming: float (coming days, ahead).
    """

    names: list[str]
    values: np.ndarray
    ahead: int
    coming_days: np.ndarray
    coming: np.ndarray

    @property
    def known(self) -> np.ndarray:  # -> (days, ahead)
        """The values of the columns that are known ahead."""
        return self.values[:, len(self.names) - self.ahead :]


@dataclasses.dataclass(frozen=True, eq=False)
class Series:
    """The daily prices of one ticker, oldest first.

    Attributes:
      ticker: Its name.
      dates: datetime64[D] (days,), ascending.
      prices: float (days,), positive; adjusted for splits and dividends.
      bars: float (days, 5): open, high, low, close, volume; 0 if unknown.
      truth: float (days, 3), for simulated markets only: location, scale and
        degrees of freedom of the next day's log return.
      covariates: Further columns; None if there are none.
    """

    ticker: str
    dates: np.ndarray
    prices: np.ndarray
    bars: np.ndarray
    truth: np.ndarray | None = None
    covariates: Covariates | None = None

    def returns(self) -> np.ndarray:  # -> (days,)
        """Returns the log returns; that of the first day is 0."""
        return np.diff(np.log(self.prices), prepend=np.log(self.prices[0]))
