"""Training losses: scores of forecast distributions."""

import keras
import tensorflow as tf

from apps.stock.model import distributions
from apps.stock.model import quantiles


class DistributionLoss(keras.losses.Loss):
    """Base class of losses that score a distribution.

    Args:
      distribution: See `distributions.find`.
      target: See `distributions.find`.

    Call arguments:
      y_true: (batch, horizon).
      y_pred: Parameters (batch, horizon, size).
    """

    def __init__(self, distribution, target, **kwargs):
        super().__init__(**kwargs)
        self.arguments = {"distribution": distribution, "target": target}
        self.distribution = distributions.find(distribution, target)

    def get_config(self):
        return {**super().get_config(), **self.arguments}


@keras.saving.register_keras_serializable("unroll")
class Likelihood(DistributionLoss):
    """Mean negative log-likelihood, in nats; see `DistributionLoss`."""

    def call(self, y_true, y_pred):
        densities = self.distribution.log_density(y_pred, y_true)
        return -tf.reduce_mean(densities, -1)


@keras.saving.register_keras_serializable("unroll")
class CRPS(DistributionLoss):
    """Mean continuous ranked probability score; see `DistributionLoss`.

    Reference: Gneiting & Raftery, Strictly Proper Scoring Rules, Prediction,
    and Estimation, 2007.
    """

    def call(self, y_true, y_pred):
        levels = self.distribution.quantiles(y_pred)
        return tf.reduce_mean(quantiles.crps(levels, y_true), -1)


LOSSES = {"likelihood": Likelihood, "crps": CRPS}
