"""Days -> states -> the coming days, one by one -> their distributions."""

import keras
import numpy as np

from apps.stock import distributions
from apps.stock import features
from apps.stock import forecasting
from apps.stock import predictability
from apps.stock import targets
from apps.stock.losses import LOSSES
from common import layers
from common.app_model import AppModel
from common.errors import UserError

# Arguments of the model that are options of the app.
OPTIONS = (
    "window",
    "horizon",
    "target",
    "distribution",
    "embedding_size",
    "cell",
    "units",
    "depth",
    "dropout",
)
PENALTY = 1e-3  # On the weights that move the location.
UNKNOWN = 0.1  # Share of the windows that are read without their ticker.


@keras.saving.register_keras_serializable("unroll")
class Forecaster(forecasting.Forecasting, AppModel, keras.Model):
    """An encoder of days, a decoder of coming days, and a shortcut.

    What it tells is a correction of the exponentially weighted volatility of
    the window, and of the price of its last day: before any training it
    forecasts as RiskMetrics does.

    Args:
      tickers: list of names; others are forecast, too, as any market.
      forecastable: list of bool for each: whether its location may move; see
        `predictability`. Of others it may not.
      window: int; days that are read.
      horizon: int; days that are forecast.
      target: of `targets.KINDS`.
      distribution: "student_t" or "quantiles".
      embedding_size: int; size of the vector of a ticker.
      cell, units, depth, dropout: as of `layers.RecurrentStack`.
    """

    def __init__(
        self,
        tickers,
        forecastable,
        window,
        horizon,
        target,
        distribution,
        embedding_size,
        cell,
        units,
        depth,
        dropout,
        **kwargs,
    ):
        arguments = locals()
        super().__init__(**kwargs)
        self.arguments = {
            name: arguments[name]
            for name in ("tickers", "forecastable", *OPTIONS)
        }
        self.free = np.array(forecastable, np.float32)[:, None]
        self.tickers, self.target = list(tickers), target
        self.window, self.horizon = window, horizon
        self.distribution = distributions.named(distribution, target)
        self.steps = targets.steps(target, horizon)
        self.embed = keras.layers.Dense(embedding_size, use_bias=False)
        self.hide = keras.layers.Dropout(UNKNOWN, noise_shape=(None, 1))
        self.encoder, self.decoder = (
            layers.RecurrentStack(
                cell,
                units,
                depth,
                dropout=dropout,
                return_sequences=decodes,
                return_state=True,
            )
            for decodes in (False, True)
        )
        penalty = keras.regularizers.L2(PENALTY)
        self.locate, self.locate_directly = (
            keras.layers.Dense(
                size,
                kernel_initializer="zeros",
                kernel_regularizer=penalty,
                bias_regularizer=penalty,
            )
            for size in (1, horizon)
        )
        rest = self.distribution.size - 1
        self.shape, self.shape_directly = (
            keras.layers.Dense(size, kernel_initializer="zeros")
            for size in (rest, horizon * rest)
        )

    def build(self, input_shape):
        size, units = self.embed.units, self.arguments["units"]
        self.embed.build((None, len(self.tickers)))
        self.encoder.build((None, self.window, features.SIZE + size))
        self.decoder.build((None, self.horizon, features.COMING))
        states = self.decoder.compute_output_shape((None, self.horizon, 1))
        self.locate.build(states[0])
        self.shape.build(states[0])
        context = (None, units + features.SIZE + size)
        self.locate_directly.build(context)
        self.shape_directly.build(context)

    def call(self, inputs, training=False):
        """Returns parameters in units of volatility, (batch, horizon, size).

        Args:
          inputs: a dict of "features" (batch, window, features), "ticker"
            (batch,), int, -1 if unknown, and "coming" (batch, horizon,
            features).
          training: whether to apply dropout.
        """
        which = keras.ops.one_hot(inputs["ticker"], len(self.tickers))
        ticker = self.hide(self.embed(which), training=training)
        days = inputs["features"]
        each = keras.ops.repeat(ticker[:, None], self.window, 1)
        read, states = self.encoder(
            keras.ops.concatenate([days, each], -1), training=training
        )
        # What a linear forecast would use, too.
        context = keras.ops.concatenate([read, days[:, -1], ticker], -1)
        decoded, _ = self.decoder(
            inputs["coming"], initial_state=states, training=training
        )
        shape = self.shape_directly(context)
        shape = keras.ops.reshape(shape, (-1, self.horizon, self.shape.units))
        shape += self.shape(decoded)
        location = self.locate_directly(context)[..., None]
        location += self.locate(decoded)
        location *= keras.ops.matmul(which, self.free)[:, None]
        raw = keras.ops.concatenate([location, shape], -1)
        return self.distribution.parameters(raw)

    def preprocess(self, x, y):
        inputs, window = self.inputs(**x)
        return inputs, targets.values(y) / self.spread(window)

    def tested(self, train):
        """Returns for each ticker whether it can be forecast."""
        parts = [[], [], []]
        for x, y in train.batch(256).map(self.preprocess):
            for part, value in zip(
                parts, (x["features"][:, -1], y, x["ticker"])
            ):
                part.append(value.numpy())
        features, values, tickers = map(np.concatenate, parts)
        apart = self.window + self.horizon
        return [
            predictability.forecastable(
                features[tickers == number], values[tickers == number], apart
            )
            for number in range(len(self.tickers))
        ]

    def get_config(self):
        return {**super().get_config(), **self.arguments}

    @classmethod
    def create(cls, config, train):
        distribution = distributions.named(config.distribution, config.target)
        if config.loss not in distribution.trained_by:
            raise UserError(
                f"--distribution={config.distribution} cannot be trained by "
                f"--loss={config.loss}: use --loss=crps."
            )
        names = {x["ticker"].numpy().decode() for x, _ in train}
        options = {name: getattr(config, name) for name in OPTIONS}
        model = cls(sorted(names), [True] * len(names), **options)
        if config.target != "volatility":
            model = cls(model.tickers, model.tested(train), **options)
        steps = int(train.cardinality()) / config.batch_size * config.epochs
        model.compile(
            optimizer=keras.optimizers.Adam(
                keras.optimizers.schedules.CosineDecay(
                    config.learning_rate, int(steps) + 1
                )
            ),
            loss=LOSSES[config.loss](config.distribution, config.target),
        )
        return model
