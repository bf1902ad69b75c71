"""From raw prices to quantiles: the signatures of the SavedModel."""

import numpy as np
import scipy.stats
import tensorflow as tf

from apps.stock import features
from apps.stock.distributions import LEVELS

HISTORY = [
    tf.TensorSpec([None, None], tf.float32, "prices"),
    tf.TensorSpec([None, None, 5], tf.float32, "bars"),
    tf.TensorSpec([None, None], tf.string, "dates"),
    tf.TensorSpec([None], tf.string, "ticker"),
]
NORMAL = scipy.stats.norm.ppf(LEVELS).astype(np.float32)
FARTHEST = 15.0  # A log price ratio beyond is taken for it.


class Forecasting:
    """Forecasts with what a keras.Model tells in units of volatility.

    Attributes:
      tickers, window, horizon, target: as of `model.Forecaster`.
      distribution: as `distributions.named` returns it.
      steps: (horizon,); by how much the spread grows with the days.
    """

    def inputs(self, prices, bars, dates, ticker):
        """Returns what `call` takes, and what `features.read` tells."""
        window = features.read(prices, bars, dates, self.window)
        same = tf.cast(ticker[:, None] == self.tickers, tf.int32)
        known = tf.argmax(same, 1, tf.int32)
        return {
            "features": window["features"],
            "ticker": tf.where(tf.reduce_any(same > 0, 1), known, -1),
            "coming": features.coming(
                window["weekday"], window["weekend"], self.horizon
            ),
        }, window

    def spread(self, window):  # -> (batch, horizon)
        """Returns the unit of the targets of each coming day."""
        return window["volatility"][:, None] * self.steps

    def tell(self, prices, bars, dates, ticker):
        """Returns parameters of the targets, and what the window tells."""
        inputs, window = self.inputs(prices, bars, dates, ticker)
        unit = self.distribution.scaled(self(inputs), self.spread(window))
        return unit, window

    @tf.function(input_signature=HISTORY)
    def serve(self, prices, bars, dates, ticker):
        """Returns the distribution of each coming day.

        `quantiles` at 0.01, 0.025, 0.05, 0.1, 0.15, ... 0.9, 0.95, 0.975, 0.99,
        the `mean` (of a price: e to the mean of its logarithm), and the
        `volatility`: the standard deviation of the log return, of a price
        that since the last day known. And the parameters, of the log return.
        """
        parameters, window = self.tell(prices, bars, dates, ticker)
        levels = self.distribution.quantiles(parameters)
        shown = self.shown(levels, window)
        mean = self.distribution.mean(parameters)
        return {
            "quantiles": shown,
            "mean": self.shown(mean[..., None], window)[..., 0],
            "volatility": self.distribution.deviation(parameters),
            **self.distribution.named(parameters),
        }

    @tf.function(
        input_signature=[
            *HISTORY,
            tf.TensorSpec([], tf.int32, "count"),
            tf.TensorSpec([], tf.int32, "seed"),
        ]
    )
    def paths(self, prices, bars, dates, ticker, count, seed):
        """Returns what may come: `paths` (batch, count, horizon), drawn.

        Each day has the distribution that `serve` tells. Prices hang together
        as those of a random walk do; returns of different days do not.
        """
        parameters, window = self.tell(prices, bars, dates, ticker)
        levels = self.distribution.quantiles(parameters)
        shape = [tf.shape(levels)[0], count, self.horizon]
        drawn = tf.random.stateless_normal(shape, [seed, 0])
        if self.target == "price":
            drawn = tf.cumsum(drawn, -1) / self.steps
        drawn = _at(levels[:, None], drawn)
        if self.target == "volatility":
            drawn = tf.nn.relu(drawn)
        return {"paths": self.shown(drawn, window)}

    def signatures(self):
        return {"paths": self.paths}

    def shown(self, levels, window):
        """Returns quantiles of the log return as those of the target."""
        if self.target == "price":
            levels = tf.clip_by_value(levels, -FARTHEST, FARTHEST)
            return window["last"][:, None, None] * tf.exp(levels)
        return levels


def _at(quantiles, normal):
    """Returns quantiles at the levels that normal deviates have.

    Between two of `LEVELS` and beyond the outermost in straight lines.

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
