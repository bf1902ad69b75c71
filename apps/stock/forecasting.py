"""From raw prices to quantiles: the signatures of the SavedModel."""

import tensorflow as tf

from apps.stock import features

HISTORY = [
    tf.TensorSpec([None, None], tf.float32, "prices"),
    tf.TensorSpec([None, None, 5], tf.float32, "bars"),
    tf.TensorSpec([None, None], tf.string, "dates"),
    tf.TensorSpec([None], tf.string, "ticker"),
]
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

    def shown(self, levels, window):
        """Returns quantiles of the log return as those of the target."""
        if self.target == "price":
            levels = tf.clip_by_value(levels, -FARTHEST, FARTHEST)
            return window["last"][:, None, None] * tf.exp(levels)
        return levels
