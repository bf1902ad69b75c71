"""What a forecaster is trained by."""

import keras
import tensorflow as tf

from apps.stock import distributions


@keras.saving.register_keras_serializable("unroll")
class Likelihood(keras.losses.Loss):
    """Mean negative log density of what came, in nats.

    Args:
      distribution, target: as `distributions.named` takes them.

    Call arguments:
      y_true: (batch, horizon).
      y_pred: parameters (batch, horizon, size).
    """

    def __init__(self, distribution, target, **kwargs):
        super().__init__(**kwargs)
        self.arguments = {"distribution": distribution, "target": target}
        self.of = distributions.named(distribution, target)

    def call(self, y_true, y_pred):
        return -tf.reduce_mean(self.of.log_density(y_pred, y_true), -1)

    def get_config(self):
        return {**super().get_config(), **self.arguments}


@keras.saving.register_keras_serializable("unroll")
class CRPS(Likelihood):
    """Mean continuous ranked probability score; arguments as `Likelihood`.

    Reference: Gneiting & Raftery, Strictly Proper Scoring Rules, Prediction,
    and Estimation, 2007.
    """

    def call(self, y_true, y_pred):
        quantiles = self.of.quantiles(y_pred)
        return tf.reduce_mean(distributions.crps(quantiles, y_true), -1)


LOSSES = {"likelihood": Likelihood, "crps": CRPS}
