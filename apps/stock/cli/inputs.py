"""The price histories that command-line words name."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from apps.stock.data import price_table
from apps.stock.data.form import Form
from apps.stock.data.remarks import Remarks
from apps.stock.data.series import Series
from common.errors import UserError


def from_file(word: str, window: int, form: Form, remarks: Remarks) -> Series:
    """Returns the series of a table of prices.

    Args:
      word: Its path, or FILE.csv:TICKER for one of several tickers.
      window: Days that the model reads; one more is needed.
      form: How the table is written.
      remarks: Receives remarks on it.

    Raises:
      UserError: The file cannot be used.
    """
    path, ticker = pathlib.Path(word), ""
    if not path.exists() and ":" in word:
        name, _, ticker = word.rpartition(":")
        path = pathlib.Path(name)
    series = price_table.PriceTable(path, form, remarks).series(ticker)
    if len(series.dates) <= window:
        raise UserError(
            f"{word} has {len(series.dates)} days with a price: the model "
            f"needs {window + 1}; give more, or train with a smaller --window."
        )
    return series


def from_example(x: dict[str, tf.Tensor]) -> Series:
    """Returns the series of a raw example."""
    return Series(
        x["ticker"].numpy().decode(),
        x["dates"].numpy().astype("M8[D]"),
        x["prices"].numpy().astype(float),
        x["bars"].numpy().astype(float),
    )


def tensors(histories: Sequence[Series], window: int) -> dict[str, tf.Tensor]:
    """Returns the last days of each history as the arguments of `serve`."""
    last = slice(-window - 1, None)

    def stacked(name, dtype):
        rows = [getattr(series, name)[last] for series in histories]
        return tf.constant(np.stack([row.astype(dtype) for row in rows]))

    return {
        "prices": stacked("prices", np.float32),
        "bars": stacked("bars", np.float32),
        "dates": stacked("dates", "S10"),
        "ticker": tf.constant([series.ticker for series in histories]),
    }
