"""The price histories that command-line words name."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from apps.stock.data import price_table
from apps.stock.data.form import Form
from apps.stock.data.remarks import Remarks
from apps.stock.data.series import Covariates
from apps.stock.data.series import Series
from common.errors import UserError


def from_file(
    word: str, window: int, horizon: int, form: Form, remarks: Remarks
) -> Series:
    """Returns the series of a table of prices.

    Args:
      word: Its path, or FILE.csv:TICKER for one of several tickers.
      window: Days that the model reads; one more is needed.
      horizon: Days ahead, of which known covariates are needed.
      form: How the table is written.
      remarks: Receives remarks on it.

    Raises:
      UserError: The file cannot be used.
    """
    path, ticker = pathlib.Path(word), ""
    # Of a name that is too long, it returns False; pathlib raises.
    if ":" in word and not os.path.exists(word):
        name, _, ticker = word.rpartition(":")
        path = pathlib.Path(name)
    series = price_table.PriceTable(path, form, remarks).series(ticker)
    if len(series.dates) <= window:
        raise UserError(
            f"{word} has {len(series.dates)} days with a price: the model "
            f"needs {window + 1}; give more, or train with a smaller --window."
        )
    _require_coming(word, series, horizon)
    return series


def _require_coming(word, series, horizon):
    covariates = series.covariates
    if covariates is None or not covariates.ahead:
        return
    count = len(covariates.coming_days)
    if count < horizon:
        names = ", ".join(covariates.names[-covariates.ahead :])
        raise UserError(
            f"{word} has {count} rows after the last price, of "
            f"{series.dates[-1]}: the model needs {names} on each of the "
            f"{horizon} coming days: add rows with the date, these columns and "
            "an empty price."
        )


def from_example(x: dict[str, tf.Tensor]) -> Series:
    """Returns the series of a raw example."""
    return Series(
        x["ticker"].numpy().decode(),
        x["dates"].numpy().astype("M8[D]"),
        x["prices"].numpy().astype(float),
        x["bars"].numpy().astype(float),
        covariates=_covariates(x),
    )


def _covariates(x):
    """Returns the covariates of a raw example; None if there are none."""
    if "covariates" not in x:
        return None
    values = x["covariates"].numpy()
    coming = np.zeros([0, 0])
    if "coming_covariates" in x:
        coming = x["coming_covariates"].numpy()
    names = [f"column {i}" for i in range(1, values.shape[1] + 1)]
    no_days = np.array([], "M8[D]")
    return Covariates(names, values, coming.shape[1], no_days, coming)


def tensors(
    histories: Sequence[Series], window: int, horizon: int
) -> dict[str, tf.Tensor]:
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
        **_covariate_tensors([s.covariates for s in histories], last, horizon),
    }


def _covariate_tensors(covariates, last, horizon):
    if covariates[0] is None:
        return {}
    tables = {"covariates": [part.values[last] for part in covariates]}
    if covariates[0].ahead:
        tables["coming_covariates"] = [p.coming[:horizon] for p in covariates]
    return {
        name: tf.constant(np.stack(rows), tf.float32)
        for name, rows in tables.items()
    }
