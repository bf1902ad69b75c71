"""The daily prices of one market."""

import dataclasses

import numpy as np

BARS = ("Open", "High", "Low", "Close", "Volume")


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
    """

    ticker: str
    dates: np.ndarray
    prices: np.ndarray
    bars: np.ndarray
    truth: np.ndarray | None = None

    def returns(self) -> np.ndarray:  # -> (days,)
        """Returns the log returns; that of the first day is 0."""
        return np.diff(np.log(self.prices), prepend=np.log(self.prices[0]))
