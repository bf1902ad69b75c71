"""The histories that words of the command line name."""

import pathlib
import re
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from apps.stock import table
from apps.stock import trading_days
from apps.stock.distributions import PLACES
from apps.stock.series import Series
from common.errors import UserError

OF_TEST = re.compile(r"test:(\d+)")


def opened(
    word: str, window: int, columns: tuple[str, str], test: Callable
) -> Series:
    """Returns the series that a file holds, or a window of the backtest.

    Args:
      word: name of a .csv file; `test:3` is the fourth window.
      window: days that are read; there must be one more.
      columns: of the days and of the prices.
      test: returns the raw examples of the test split.

    Raises:
      UserError: there is no such window, or the file is refused.
    """
    match = OF_TEST.fullmatch(word)
    if match:
        return _of_test(test(), int(match[1]))
    series = table.read(pathlib.Path(word), *columns)
    if len(series.dates) <= window:
        raise UserError(
            f"{word} has {len(series.dates)} days with a price: the model "
            f"reads {window + 1}; give more, or train with a smaller --window."
        )
    return series


def _of_test(examples, number):
    for x, _ in examples.skip(number).take(1):
        return Series(
            x["ticker"].numpy().decode(),
            x["dates"].numpy().astype("M8[D]"),
            x["prices"].numpy().astype(float),
            x["bars"].numpy().astype(float),
        )
    raise UserError(
        f"No window test:{number} in the backtest: the last one is "
        f"test:{int(examples.cardinality()) - 1}."
    )


def tensors(series: list[Series], window: int) -> dict[str, tf.Tensor]:
    """Returns the last days of each series, as `serve` takes them."""
    last = slice(-window - 1, None)

    def stacked(name, dtype):
        rows = [getattr(one, name)[last].astype(dtype) for one in series]
        return tf.constant(np.stack(rows))

    return {
        "prices": stacked("prices", np.float32),
        "bars": stacked("bars", np.float32),
        "dates": tf.constant(stacked("dates", "S10")),
        "ticker": tf.constant([one.ticker for one in series]),
    }


def lines(word: str, one: Series, row: dict, kind: str) -> list[str]:
    """Returns what to print: a line a day, of the backtest one in all.

    Args:
      word: what was asked for.
      one: its series.
      row: `quantiles` (horizon, levels) and `volatility` (horizon,), and
        `paths` (count, horizon) if they were drawn.
      kind: of `targets.KINDS`.
    """
    told = [_told(levels, kind) for levels in row["quantiles"]]
    paths = [
        f"  path {i + 1}: {' '.join(_shown(value, kind) for value in path)}"
        for i, path in enumerate(row.get("paths", ()))
    ]
    head = f"{one.ticker} after {one.dates[-1]} at {one.prices[-1]:.2f}"
    if OF_TEST.fullmatch(word):
        text = f"{word}\t{head}: next day {told[0]}"
        if len(told) > 1:
            text += f"; day {len(told)}: {told[-1]}"
        return [text, *paths]
    days = trading_days.coming(one.dates, len(told))
    return [
        f"{head}: {kind} of the coming days",
        *(
            f"  {day}  {text}, volatility {volatility:.2%}"
            for day, text, volatility in zip(days, told, row["volatility"])
        ),
        *paths,
    ]


def _told(levels, kind):
    """Returns the median, and the bands of 50 and 90 %."""
    middle, *ends = (
        _shown(levels[PLACES[q]], kind) for q in (0.5, 0.25, 0.75, 0.05, 0.95)
    )
    return (
        f"{middle} (50 %: {ends[0]} … {ends[1]}, 90 %: {ends[2]} … {ends[3]})"
    )


def _shown(value, kind):
    return f"{value:.2f}" if kind == "price" else f"{value:.2%}"
