"""The network of a forecaster, from prices on, for other runtimes."""

import tensorflow as tf

from apps.stock.model import features
from apps.stock.model import input_cleaning
from apps.stock.model import quantiles
from common.errors import UserError
from common.export.networks import Network
from common.export.networks import Networks

UNKNOWN_DAY = -(10**6)  # Before the year 0.


def networks_of(forecaster):
    """Returns the network from prices and days to quantiles.

    The features of days are part of it. Dates are numbers, and the outputs have
    no mean: that of an absolute value needs the gamma function.

    Args:
      forecaster: A `Forecaster`.

    Raises:
      UserError: It reads further columns.
    """
    arguments, serving = forecaster.arguments, forecaster.serving
    if arguments.covariates or arguments.known_covariates:
        raise UserError(
            "--covariates and --known_covariates: a forecaster of further "
            "columns is exported with --format=saved_model only."
        )
    size = arguments.window + 1

    def forecast(prices, bars, days, ticker):
        window = features.of_days(
            input_cleaning.filled(prices),
            bars,
            days,
            days > UNKNOWN_DAY,
            arguments.window,
        )
        coming = features.coming(
            window["weekday"], window["weekend"], arguments.horizon
        )
        parameters = forecaster(
            {
                "features": window["features"],
                "ticker": ticker,
                "coming": coming,
            }
        )
        scaled = forecaster.distribution.scaled(
            parameters, serving.unit(window)
        )
        levels = forecaster.distribution.quantiles(scaled)
        return {
            "parameters": parameters,
            "quantiles": serving.in_target_units(levels, window),
            "volatility": forecaster.distribution.deviation(scaled),
        }

    def logits(run, x, y):
        days, known = input_cleaning.day_numbers(x["dates"][:, -size:])
        ticker = forecaster.reader.ticker_numbers(x["ticker"])
        outputs = run(
            "forecaster",
            prices=x["prices"][:, -size:],
            bars=x["bars"][:, -size:],
            days=tf.where(known, days, UNKNOWN_DAY),
            ticker=ticker,
        )
        return outputs["parameters"]

    return Networks(
        parts={
            "forecaster": Network(
                forecast,
                [
                    tf.TensorSpec([None, size], tf.float32, "prices"),
                    tf.TensorSpec([None, size, 5], tf.float32, "bars"),
                    tf.TensorSpec([None, size], tf.int32, "days"),
                    tf.TensorSpec([None], tf.int32, "ticker"),
                ],
            )
        },
        files={
            "preprocessing": {
                "days": size,
                "horizon": arguments.horizon,
                "tickers": arguments.tickers,
                "unknown_ticker": -1,
                "unknown_day": UNKNOWN_DAY,
                "unknown_price": 0,
                "target": arguments.target,
                "levels": [float(level) for level in quantiles.LEVELS],
            }
        },
        logits=logits,
    )
