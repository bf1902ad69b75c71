"""Features of further columns, scaled by the training split."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from apps.stock.model import input_cleaning
from common.errors import UserError

if TYPE_CHECKING:
    from apps.stock.model.arguments import Arguments

MAX_DEVIATIONS = 8.0  # Scaled values are clipped to it.
FEATURES = 2  # Of each column: the scaled value, and whether it is known.


@dataclasses.dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of each column in the training split."""

    means: list[float]
    deviations: list[float]


def fit_scale(train: tf.data.Dataset, names: list[str]) -> Scale:
    """Returns the scale of the known values of the training windows.

    Args:
      train: Raw examples.
      names: Of the columns of "covariates".

    Raises:
      UserError: A column has no two different values.
    """
    count, total, squares = np.zeros([3, len(names)])
    for x, _ in train.batch(256):
        values = x["covariates"].numpy().astype(float)
        known = np.isfinite(values)
        values = np.where(known, values, 0.0)
        count += known.sum((0, 1))
        total += values.sum((0, 1))
        squares += (values**2).sum((0, 1))
    means = total / np.maximum(count, 1)
    variances = np.maximum(squares / np.maximum(count, 1) - means**2, 0)
    for name, mean, variance in zip(names, means, variances):
        if variance <= 1e-12 * mean**2:
            raise UserError(
                f"The column {name!r} has the same value, or none, on all days "
                "of the training split: leave it out of --covariates and "
                "--known_covariates, or add earlier days."
            )
    return Scale(means.tolist(), np.sqrt(variances).tolist())


class CovariateReader:
    """Computes the features of further columns from raw values.

    A value that is not finite is unknown, and counts as the last known one of
    the window; as the mean of the training split if there is none.

    Args:
      arguments: The columns and their scale.
    """

    def __init__(self, arguments: Arguments):
        self.names = [*arguments.covariates, *arguments.known_covariates]
        self.first_ahead = len(arguments.covariates)
        self.window, self.horizon = arguments.window, arguments.horizon
        self.scale = Scale(
            arguments.covariate_means, arguments.covariate_deviations
        )

    def __call__(self, covariates, coming=None):
        """Returns features of the window, and of the coming days.

        Args:
          covariates: (batch, days, columns), days > window.
          coming: (batch, horizon, columns that are known ahead); None if
            there are none.

        Returns:
          (batch, window, FEATURES * columns), and (batch, horizon, FEATURES *
          columns known ahead) or None.
        """
        values = self._scaled(covariates[:, -self.window - 1 :])
        of_window = self._features(values)[:, 1:]
        size = FEATURES * len(self.names)
        of_window = tf.ensure_shape(of_window, [None, self.window, size])
        if coming is None:
            return of_window, None
        ahead = self._scaled(coming, self.first_ahead)
        ahead = tf.concat([values[..., self.first_ahead :], ahead], 1)
        ahead = self._features(ahead)[:, -self.horizon :]
        size = FEATURES * (len(self.names) - self.first_ahead)
        return of_window, tf.ensure_shape(ahead, [None, self.horizon, size])

    def _scaled(self, values, first=0):
        """Returns values in deviations from the mean, NaN if unknown."""
        means, deviations = (
            tf.constant(numbers[first:], tf.float32)
            for numbers in (self.scale.means, self.scale.deviations)
        )
        scaled = (values - means) / deviations
        scaled = tf.clip_by_value(scaled, -MAX_DEVIATIONS, MAX_DEVIATIONS)
        return tf.where(tf.math.is_finite(values), scaled, np.nan)

    def _features(self, scaled):
        """Fills scaled values forward, and adds which ones are known."""
        values = tf.transpose(scaled, [0, 2, 1])
        known = tf.math.is_finite(values)
        last = input_cleaning.last_known(known)
        filled = tf.gather(values, tf.maximum(last, 0), batch_dims=2)
        filled = tf.where(last < 0, 0.0, filled)
        pairs = tf.concat([filled, tf.cast(known, tf.float32)], 1)
        return tf.transpose(pairs, [0, 2, 1])
