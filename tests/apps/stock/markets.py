"""Small simulated markets."""

import dataclasses

import numpy as np

from apps.stock.data import price_table
from apps.stock.data import simulation
from apps.stock.data.form import Form
from apps.stock.data.remarks import Remarks
from apps.stock.data.series import Series

HEADER = "Date,Open,High,Low,Close,Adj Close,Volume"


def garch(days=400, seed=0):
    """Returns a market whose volatility, but not direction, is forecastable."""
    return simulation.market("garch", seed, days)


def changed(series, **columns):
    """Returns a series with other columns, and without its truth."""
    return dataclasses.replace(series, truth=None, **columns)


def flat(series):
    """Returns a market of the same days whose price does not move."""
    bars = np.tile([100.0, 100, 100, 100, 0], [len(series.dates), 1])
    prices = np.full(len(series.dates), 100.0)
    return changed(series, ticker="flat", prices=prices, bars=bars)


def last_days(series, ticker, days):
    """Returns the last days of a market, under another name."""
    return changed(
        series,
        ticker=ticker,
        dates=series.dates[-days:],
        prices=series.prices[-days:],
        bars=series.bars[-days:],
    )


def write_csv(series: Series, folder):
    """Writes a series as Yahoo Finance does."""
    lines = [HEADER]
    for date, price, bar in zip(series.dates, series.prices, series.bars):
        numbers = [*bar[:4], price, bar[4]]
        lines.append(f"{date}," + ",".join(f"{n:.6f}" for n in numbers))
    path = folder / f"{series.ticker}.csv"
    path.write_text("\n".join(lines))
    return path


def read_table(path, date_column="", price_column="", ticker=""):
    """Returns a series of a table, and prints the remarks on it."""
    remarks = Remarks()
    form = Form(date_column, price_column)
    series = price_table.PriceTable(path, form, remarks).series(ticker)
    remarks.print()
    return series


def weekdays(first, last):
    """Returns the days from Monday to Friday before `last`."""
    days = np.arange(first, last, dtype="M8[D]")
    return days[np.is_busday(days)]
