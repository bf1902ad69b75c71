"""Forecasts as lines of text."""

import math

import numpy as np

from apps.stock.data import calendar
from apps.stock.data.series import Series
from apps.stock.model.quantiles import INDEX


def summary(
    word: str, series: Series, outputs: dict[str, np.ndarray], target: str
) -> list[str]:
    """Returns one line on the next and the last day, then the paths.

    Args:
      word: The input, such as `test:3`.
      series: The history.
      outputs: `quantiles` (horizon, levels), and `paths` (count, horizon) if
        any were drawn.
      target: One of `targets.KINDS`.
    """
    days = [_bands(levels, target) for levels in outputs["quantiles"]]
    line = f"{word}\t{_last_day(series)}: next day {days[0]}"
    if len(days) > 1:
        line += f"; day {len(days)}: {days[-1]}"
    return [line, *_paths(outputs, target)]


def daily(
    series: Series, outputs: dict[str, np.ndarray], target: str
) -> list[str]:
    """Returns a line for each day after the history, then the paths.

    Args:
      series: The history.
      outputs: See `summary`; and `volatility` (horizon,).
      target: One of `targets.KINDS`.
    """
    levels = outputs["quantiles"]
    days = calendar.coming_days(series, len(levels))
    return [
        f"{_last_day(series)}: {target} of the coming days",
        *(
            f"  {day}  {_bands(row, target)}, volatility {volatility:.2%}"
            for day, row, volatility in zip(days, levels, outputs["volatility"])
        ),
        *_paths(outputs, target),
    ]


def price_text(price: float) -> str:
    """Formats a price with the digits that count: 43,000.12 or 0.000015466.

    Two decimals, and below 10 as many as five significant digits take.
    """
    decimals = 2
    if 0 < price < 10:
        decimals = 4 - math.floor(math.log10(price))
    return f"{price:,.{decimals}f}"


def _last_day(series):
    price = price_text(series.prices[-1])
    return f"{series.ticker} after {series.dates[-1]} at {price}"


def _paths(outputs, target):
    return [
        f"  path {i}: {' '.join(_number(value, target) for value in path)}"
        for i, path in enumerate(outputs.get("paths", ()), 1)
    ]


def _bands(levels, target):
    """Formats the median, and the bands of 50 and 90 %."""
    median, *ends = (
        _number(levels[INDEX[level]], target)
        for level in (0.5, 0.25, 0.75, 0.05, 0.95)
    )
    return (
        f"{median} (50 %: {ends[0]} … {ends[1]}, 90 %: {ends[2]} … {ends[3]})"
    )


def _number(value, target):
    return price_text(value) if target == "price" else f"{value:.2%}"
