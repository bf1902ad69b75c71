"""From raw price histories to forecasts of the target."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.stats
import tensorflow as tf

from apps.stock.model import distributions
from apps.stock.model import features
from apps.stock.model.arguments import Arguments
from apps.stock.model.covariates import CovariateReader
from apps.stock.model.quantiles import LEVELS
from common.generation import numbers
from common.images import binary

# The raw inputs of a forecast, besides covariates.
HISTORY = [
    tf.TensorSpec([None, None], tf.float32, "prices"),
    tf.TensorSpec([None, None, 5], tf.float32, "bars"),
    tf.TensorSpec([None, None], tf.string, "dates"),
    tf.TensorSpec([None], tf.string, "ticker"),
]
PATHS = [
    tf.TensorSpec([], tf.int32, "count"),
    tf.TensorSpec([], tf.int32, "seed"),
]
NORMAL = scipy.stats.norm.ppf(LEVELS).astype(np.float32)
MAX_PATHS = 10_000  # Of one forecast.
MAX_LOG_RATIO = 15.0  # Log price ratios are clipped to it.


def covariate_specs(arguments: Arguments) -> list[tf.TensorSpec]:
    """Returns the raw inputs of the further columns that a model reads."""
    ahead = len(arguments.known_covariates)
    columns = len(arguments.covariates) + ahead
    shapes = {
        "covariates": [None, None, columns],
        "coming_covariates": [None, arguments.horizon, ahead],
    }
    return [
        tf.TensorSpec(shape, tf.float32, name)
        for name, shape in shapes.items()
        if shape[-1]
    ]


class InputReader:
    """Computes the inputs of the network from raw histories.

    Args:
      arguments: The tickers, of which others are unknown; the window, the
        horizon, and the further columns.
    """

    def __init__(self, arguments: Arguments):
        self.tickers = arguments.tickers
        self.window, self.horizon = arguments.window, arguments.horizon
        self.covariates = CovariateReader(arguments)

    def __call__(
        self,
        prices,
        bars,
        dates,
        ticker,
        covariates=None,
        coming_covariates=None,
    ):
        """Returns the inputs of the network, and `features.read_window`."""
        inputs, window = self._of_prices(prices, bars, dates, ticker)
        if covariates is None:
            return inputs, window
        covariates = binary.require(
            tf.reduce_all(tf.shape(covariates)[:2] == tf.shape(prices)),
            covariates,
            "covariates must have the rows and days of prices.",
        )
        of_window, ahead = self.covariates(covariates, coming_covariates)
        further = {"features": of_window}
        if ahead is not None:
            further["coming"] = ahead
        for name, values in further.items():
            inputs[name] = tf.concat([inputs[name], values], -1)
        return inputs, window

    def ticker_numbers(self, ticker):  # string (batch,) -> int32 (batch,)
        """Returns the number of each ticker; -1 if it is unknown."""
        matches = tf.cast(ticker[:, None] == self.tickers, tf.int32)
        number = tf.argmax(matches, 1, tf.int32)
        return tf.where(tf.reduce_any(matches > 0, 1), number, -1)

    def _of_prices(self, prices, bars, dates, ticker):
        window = features.read_window(prices, bars, dates, self.window)
        return {
            "features": window["features"],
            "ticker": self.ticker_numbers(ticker),
            "coming": features.coming(
                window["weekday"], window["weekend"], self.horizon
            ),
        }, window


class HistoryForecaster:
    """Forecasts the target of raw histories with a network.

    Args:
      network: Maps the inputs that `reader` returns to parameters (batch,
        horizon, size), in units of `unit`.
      reader: An `InputReader`.
      target: See `arguments.Arguments`.
      distribution: See `distributions.find`.
    """

    def __init__(
        self,
        network: Callable[[dict], tf.Tensor],
        reader: InputReader,
        target: str,
        distribution: distributions.StudentT | distributions.Quantiles,
    ):
        self.network, self.reader = network, reader
        self.target, self.distribution = target, distribution
        # The growth of the spread of a random walk with the days ahead.
        ahead = np.arange(1, reader.horizon + 1, dtype=np.float32)
        is_cumulative = target == "price"
        self.growth = np.sqrt(ahead) if is_cumulative else np.ones_like(ahead)

    def unit(self, window):  # -> (batch, horizon)
        """Returns the unit of the targets of each coming day."""
        return window["volatility"][:, None] * self.growth

    def forecast(self, **history):
        """Returns the outputs of `Forecaster.serve`."""
        parameters, window = self._parameters(history)
        levels = self.distribution.quantiles(parameters)
        mean = self.distribution.mean(parameters)
        return {
            "quantiles": self.in_target_units(levels, window),
            "mean": self.in_target_units(mean[..., None], window)[..., 0],
            "volatility": self.distribution.deviation(parameters),
            **self.distribution.outputs(parameters),
        }

    def draw_paths(self, count, seed, **history):
        """Returns the output of `Forecaster.paths`."""
        parameters, window = self._parameters(history)
        levels = self.distribution.quantiles(parameters)
        count = numbers.clipped(count, 1, MAX_PATHS, "count")
        shape = [tf.shape(levels)[0], count, self.reader.horizon]
        draws = tf.random.stateless_normal(shape, [seed, 0])
        if self.target == "price":
            draws = tf.cumsum(draws, -1) / self.growth
        paths = _quantiles_at(levels[:, None], draws)
        if self.target == "volatility":
            paths = tf.nn.relu(paths)
        return {"paths": self.in_target_units(paths, window)}

    def _parameters(self, history):
        """Returns the parameters of the log returns, and the window."""
        inputs, window = self.reader(**history)
        parameters = self.distribution.scaled(
            self.network(inputs), self.unit(window)
        )
        return parameters, window

    def in_target_units(self, values, window):
        """Returns prices for log price ratios; other targets as they are."""
        if self.target == "price":
            values = tf.clip_by_value(values, -MAX_LOG_RATIO, MAX_LOG_RATIO)
            return window["last"][:, None, None] * tf.exp(values)
        return values


def _quantiles_at(quantiles, normal):
    """Returns the quantiles at the levels of normal deviates.

    Linear between two of `LEVELS` and beyond the outermost ones.

    Args:
      quantiles: (batch, 1, horizon, levels).
      normal: (batch, count, horizon).
    """
    edges = tf.constant(NORMAL[1:-1])
    place = tf.searchsorted(edges, tf.reshape(normal, [-1]))
    place = tf.reshape(place, tf.shape(normal))
    count = tf.shape(normal)[1]
    quantiles = tf.repeat(quantiles, count, 1)
    low, high = (tf.gather(quantiles, place + i, batch_dims=3) for i in (0, 1))
    start, end = (tf.gather(NORMAL, place + i) for i in (0, 1))
    return low + (high - low) * (normal - start) / (end - start)
