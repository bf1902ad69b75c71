"""The price histories that command-line words name."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from apps.stock.data import price_table
from apps.stock.data.series import Series
from common.errors import UserError


def from_file(path: str, window: int, columns: tuple[str, str]) -> Series:
    """Returns the series of a .csv file.

    Args:
      path: Its path.
      window: Days that the model reads; one more is needed.
      columns: Names of the columns of dates and of prices.

    Raises:
      UserError: The file cannot be used.
    """
    series = price_table.read(pathlib.Path(path), *columns)
    if len(series.dates) <= window:
        raise UserError(
            f"{path} has {len(series.dates)} days with a price: the model "
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
