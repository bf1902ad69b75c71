"""Small simulated markets."""

import dataclasses

import numpy as np

from apps.stock.data import simulation
from apps.stock.data.series import Series

HEADER = "Date,Open,High,Low,Close,Adj Close,Volume"


def garch(days=400, seed=0):
    """Returns a market whose volatility, but not direction, is forecastable."""
    return simulation.market("garch", seed, days)


def changed(series, **columns):
    """Returns a series with other columns, and without its truth."""
    return dataclasses.replace(series, truth=None, **columns)


def write_csv(series: Series, folder):
    """Writes a series as Yahoo Finance does."""
    lines = [HEADER]
    for date, price, bar in zip(series.dates, series.prices, series.bars):
        numbers = [*bar[:4], price, bar[4]]
        lines.append(f"{date}," + ",".join(f"{n:.6f}" for n in numbers))
    path = folder / f"{series.ticker}.csv"
    path.write_text("\n".join(lines))
    return path


def weekdays(first, last):
    """Returns the days from Monday to Friday before `last`."""
    days = np.arange(first, last, dtype="M8[D]")
    return days[np.is_busday(days)]
