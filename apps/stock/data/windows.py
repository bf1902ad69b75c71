"""Windows of prices, and the values that follow them."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from apps.stock.data import targets
from apps.stock.data.periods import Periods
from apps.stock.data.series import Series
from common.errors import UserError


def examples(
    series: Sequence[Series],
    split: str,
    periods: Periods,
    window: int,
    horizon: int,
    target: str,
) -> tf.data.Dataset:
    """Returns the examples of a split, by day and ticker.

    An example is ({"prices": (days,), "bars": (days, 5), "dates": (days,),
    "ticker": ()}, y) with window + 1 days; for y see `targets`. With further
    columns, it also has "covariates" (days, columns), and where they are known
    ahead, "coming_covariates" (horizon, columns).

    Raises:
      UserError: A series is shorter than a window.
    """
    for market in series:
        if len(market.dates) <= window:
            raise UserError(
                f"{market.ticker} has {len(market.dates)} days: a --window of "
                f"{window} needs at least {window + 1}."
            )
    offsets = np.cumsum([0, *(len(market.dates) for market in series)])
    ends, parts = [], []
    for number, market in enumerate(series):
        origins = periods.origins(market, split, window, horizon)
        ends.append(offsets[number] + origins)
        parts.append(
            {
                "day": market.dates[origins].astype(int),
                "ticker": np.full(len(origins), number),
                **targets.of_series(
                    np.log(market.prices), origins, window, horizon, target
                ),
            }
        )
    y = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    order = np.lexsort([y["ticker"], y["day"]])
    y = {name: values[order] for name, values in y.items()}
    return _windows(series, np.concatenate(ends)[order], y, window, horizon)


def _windows(series, ends, y, window, horizon):
    prices = tf.constant(np.concatenate([s.prices for s in series]), tf.float32)
    bars = tf.constant(np.concatenate([s.bars for s in series]), tf.float32)
    dates = tf.constant(np.concatenate([s.dates.astype("S10") for s in series]))
    tickers = tf.constant([s.ticker for s in series])
    covariates, known = _covariates(series)

    def example(end, y):
        days = slice(end - window, end + 1)
        x = {
            "prices": prices[days],
            "bars": bars[days],
            "dates": dates[days],
            "ticker": tickers[y["ticker"]],
        }
        if covariates is not None:
            x["covariates"] = covariates[days]
        if known is not None:
            x["coming_covariates"] = known[end + 1 : end + 1 + horizon]
        return x, y

    rows = tf.data.Dataset.from_tensor_slices((ends, y))
    return rows.map(example, tf.data.AUTOTUNE)


def _covariates(series):
    """Returns the values of all days, and those that are known ahead."""
    parts = [market.covariates for market in series]
    if parts[0] is None:
        return None, None
    values = np.concatenate([part.values for part in parts])
    known = np.concatenate([part.known for part in parts])
    return (
        tf.constant(values, tf.float32),
        tf.constant(known, tf.float32) if known.shape[1] else None,
    )
