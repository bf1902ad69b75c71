"""The network: an encoder of days, a decoder of coming days, and shortcuts."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from apps.stock.model import covariates
from apps.stock.model import distributions
from apps.stock.model import features
from apps.stock.model import forecastability
from apps.stock.model import portable
from apps.stock.model import serving
from apps.stock.model.arguments import Arguments
from apps.stock.model.losses import LOSSES
from common import app_model
from common import layers
from common.app_model import NamedRows
from common.app_model import VocabularyModel
from common.data import batching
from common.errors import UserError
from common.training import optimizers

PENALTY = 1e-3  # On the weights that move the location.
UNKNOWN_SHARE = 0.1  # Of the training windows; read without their ticker.


@keras.saving.register_keras_serializable("unroll")
class Forecaster(VocabularyModel, keras.Model):
    """Forecasts the distribution of each coming day.

    The outputs correct the exponentially weighted volatility of the window and
    the price of its last day: the untrained network forecasts as RiskMetrics
    does.

    Args:
      arguments: `Arguments`.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.distribution = distributions.find(
            arguments.distribution, arguments.target
        )
        self.reader = serving.InputReader(arguments)
        self.serving = serving.HistoryForecaster(
            self, self.reader, arguments.target, self.distribution
        )
        self.embed = keras.layers.Dense(
            arguments.embedding_size, use_bias=False
        )
        self.hide = keras.layers.Dropout(UNKNOWN_SHARE, noise_shape=(None, 1))
        self.encoder, self.decoder = (
            layers.RecurrentStack(
                arguments.cell,
                arguments.units,
                arguments.depth,
                dropout=arguments.dropout,
                return_sequences=is_decoder,
                return_state=True,
            )
            for is_decoder in (False, True)
        )
        penalty = keras.regularizers.L2(PENALTY)
        self.locate, self.locate_directly = (
            keras.layers.Dense(
                size,
                kernel_initializer="zeros",
                kernel_regularizer=penalty,
                bias_regularizer=penalty,
            )
            for size in (1, arguments.horizon)
        )
        rest = self.distribution.size - 1
        self.shape, self.shape_directly = (
            keras.layers.Dense(size, kernel_initializer="zeros")
            for size in (rest, arguments.horizon * rest)
        )
        further = serving.covariate_specs(arguments)
        self.serve = tf.function(
            self.serve, [*serving.HISTORY, *further], autograph=False
        )
        self.paths = tf.function(
            self.paths,
            [*serving.HISTORY, *serving.PATHS, *further],
            autograph=False,
        )

    def build(self, input_shape):
        arguments = self.arguments
        tickers, size = len(arguments.tickers), arguments.embedding_size
        self.embed.build((None, tickers))
        ahead = covariates.FEATURES * len(arguments.known_covariates)
        days = features.SIZE + ahead
        days += covariates.FEATURES * len(arguments.covariates)
        self.encoder.build((None, arguments.window, days + size))
        coming = features.COMING_SIZE + ahead
        self.decoder.build((None, arguments.horizon, coming))
        states = self.decoder.compute_output_shape((None, arguments.horizon, 1))
        self.locate.build(states[0])
        self.shape.build(states[0])
        context = (None, arguments.units + days + size)
        self.locate_directly.build(context)
        self.shape_directly.build(context)

    def call(self, inputs, training=False):
        """Returns parameters in units of volatility, (batch, horizon, size).

        Args:
          inputs: A dict of "features" (batch, window, features), "ticker"
            (batch,), int, -1 if unknown, and "coming" (batch, horizon,
            features).
          training: Whether to apply dropout.
        """
        horizon, window = self.arguments.horizon, self.arguments.window
        one_hot = keras.ops.one_hot(
            inputs["ticker"], len(self.arguments.tickers)
        )
        ticker = self.hide(self.embed(one_hot), training=training)
        days = inputs["features"]
        each_day = keras.ops.repeat(ticker[:, None], window, 1)
        summary, states = self.encoder(
            keras.ops.concatenate([days, each_day], -1), training=training
        )
        # With the last day and the ticker, for a linear shortcut.
        context = keras.ops.concatenate([summary, days[:, -1], ticker], -1)
        decoded, _ = self.decoder(
            inputs["coming"], initial_state=states, training=training
        )
        shape = self.shape_directly(context)
        shape = keras.ops.reshape(shape, (-1, horizon, self.shape.units))
        shape += self.shape(decoded)
        location = self.locate_directly(context)[..., None]
        location += self.locate(decoded)
        may_move = np.array(self.arguments.forecastable, np.float32)[:, None]
        location *= keras.ops.matmul(one_hot, may_move)[:, None]
        raw = keras.ops.concatenate([location, shape], -1)
        return self.distribution.parameters(raw)

    def preprocess(self, x, y):
        inputs, window = self.reader(**x)
        return inputs, y["values"] / self.serving.unit(window)

    def serve(
        self,
        prices,
        bars,
        dates,
        ticker,
        covariates=None,
        coming_covariates=None,
    ):
        """Returns the distribution of each coming day.

        `quantiles` at 0.01, 0.025, 0.05, 0.1, 0.15, ... 0.9, 0.95, 0.975,
        0.99; the `mean` (of a price: the exponential of its mean logarithm);
        the `volatility`, which is the standard deviation of the log return
        (of a price: since the last known day); and the parameters of the
        distribution of the log return.

        With further columns, `covariates` (batch, days, columns) holds those
        of --covariates, then those of --known_covariates, and
        `coming_covariates` (batch, horizon, columns) the latter for the coming
        days. A number that is not finite is an unknown value.
        """
        return self.serving.forecast(
            prices=prices,
            bars=bars,
            dates=dates,
            ticker=ticker,
            covariates=covariates,
            coming_covariates=coming_covariates,
        )

    def paths(
        self,
        prices,
        bars,
        dates,
        ticker,
        count,
        seed,
        covariates=None,
        coming_covariates=None,
    ):
        """Returns random `paths` (batch, count, horizon) of the target.

        Each day has the distribution that `serve` returns. Prices of
        successive days depend on each other as in a random walk; returns and
        volatilities are independent.
        """
        return self.serving.draw_paths(
            count,
            seed,
            prices=prices,
            bars=bars,
            dates=dates,
            ticker=ticker,
            covariates=covariates,
            coming_covariates=coming_covariates,
        )

    def signatures(self):
        return {"paths": self.paths}

    def networks(self):
        return portable.networks_of(self)

    def named_rows(self):
        rows = NamedRows(self.arguments.tickers, [(self.embed.kernel, 0)])
        return {"tickers": rows}

    def get_config(self):
        return {**super().get_config(), **dataclasses.asdict(self.arguments)}

    @classmethod
    def from_config(cls, config):
        arguments, options = app_model.split_config(Arguments, config)
        return cls(arguments, **options)

    @classmethod
    def create(cls, config, train, steps_per_epoch, start=None):
        distribution = distributions.find(config.distribution, config.target)
        if config.loss not in distribution.losses:
            raise UserError(
                f"--distribution={config.distribution} cannot be trained with "
                f"--loss={config.loss}: use --loss=crps."
            )
        tickers = sorted({x["ticker"].numpy().decode() for x, _ in train})
        arguments = app_model.arguments_from(
            Arguments,
            config,
            tickers=tickers,
            forecastable=[True] * len(tickers),
            **_covariates(config, train),
        )
        model = cls(arguments)
        if config.target != "volatility":
            forecastable = _forecastable(model, train)
            # A model of its own, so that its arguments stay frozen.
            model = cls(
                dataclasses.replace(arguments, forecastable=forecastable)
            )
        # Not steps_per_epoch, which also counts the last, smaller batch: of the
        # sample the decay would take 2,131 steps instead of 2,129, and the
        # published scores would change in the fourth digit.
        steps = batching.size(train) / config.batch_size * config.epochs
        model.compile(
            optimizer=optimizers.cosine_adam(
                config.learning_rate, int(steps) + 1
            ),
            loss=LOSSES[config.loss](config.distribution, config.target),
        )
        return model


def _covariates(config, train):
    """Returns the arguments of further columns and their scale."""
    names, ahead = config.covariate_names, config.known_covariate_names
    scale = covariates.Scale([], [])
    if names or ahead:
        scale = covariates.fit_scale(train, [*names, *ahead])
    return {
        "covariates": names,
        "known_covariates": ahead,
        "covariate_means": scale.means,
        "covariate_deviations": scale.deviations,
    }


def _forecastable(model, train):
    """Returns, for each ticker of a model, whether it can be forecast."""
    parts = [
        (_regressors(x), y.numpy(), x["ticker"].numpy())
        for x, y in train.batch(256).map(model.preprocess)
    ]
    last_days, values, tickers = map(np.concatenate, zip(*parts))
    gap = model.arguments.window + model.arguments.horizon
    return [
        forecastability.is_forecastable(
            last_days[tickers == number], values[tickers == number], gap
        )
        for number in range(len(model.arguments.tickers))
    ]


def _regressors(x):
    """Returns the last day, and the coming values that are known."""
    ahead = x["coming"][..., features.COMING_SIZE :]
    ahead = tf.reshape(ahead, [len(ahead), ahead.shape[1] * ahead.shape[2]])
    return tf.concat([x["features"][:, -1], ahead], 1).numpy()
