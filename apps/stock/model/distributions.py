"""The distribution that the network forecasts for a day.

Each class turns raw outputs of the network (..., size), the first of which
moves the median, into parameters (..., size). Zeros give about a Student-t
distribution of unit deviation.
"""

import numpy as np
import scipy.stats
import tensorflow as tf

from apps.stock.model.quantiles import LEVELS
from apps.stock.model.quantiles import MEDIAN
from apps.stock.model.quantiles import WEIGHTS

MIN_FREEDOM, INITIAL_FREEDOM = 2.2, 6.0
UNIT = np.float32(np.sqrt(1 - 2 / INITIAL_FREEDOM))  # Scale of deviation 1.


def _table(levels):
    """Returns quantiles of a Student-t at equal steps of 1 / freedom."""
    inverse = np.linspace(1e-9, 1 / MIN_FREEDOM, 512)
    return scipy.stats.t.ppf(levels, 1 / inverse[:, None]).astype(np.float32)


def _inverse_softplus(value):
    return np.float32(np.log(np.expm1(value)))


class StudentT:
    """Student-t: location, scale and degrees of freedom."""

    size = 3
    losses = ("likelihood", "crps")
    table = _table(LEVELS)

    def parameters(self, raw):
        """Returns the parameters for raw outputs."""
        location, scale, freedom = tf.unstack(raw, axis=-1)
        scale = UNIT * tf.exp(tf.clip_by_value(scale, -4.0, 4.0))
        initial = _inverse_softplus(INITIAL_FREEDOM - MIN_FREEDOM)
        freedom = MIN_FREEDOM + tf.nn.softplus(freedom + initial)
        return tf.stack([location, scale, freedom], -1)

    def scaled(self, parameters, factor):
        """Returns the parameters of the variable times `factor` (...)."""
        location, scale, freedom = tf.unstack(parameters, axis=-1)
        return tf.stack([location * factor, scale * factor, freedom], -1)

    def log_density(self, parameters, values):
        """Returns the log density of `values` (...)."""
        location, scale, freedom = tf.unstack(parameters, axis=-1)
        half = (freedom + 1) / 2
        z = (values - location) / scale
        return (
            tf.math.lgamma(half)
            - tf.math.lgamma(freedom / 2)
            - 0.5 * tf.math.log(np.pi * freedom)
            - tf.math.log(scale)
            - half * tf.math.log1p(z**2 / freedom)
        )

    def quantiles(self, parameters):  # -> (..., LEVELS)
        """Returns the quantiles, within 1e-3 of the scale."""
        location, scale, freedom = tf.unstack(parameters, axis=-1)
        place = (len(self.table) - 1) * MIN_FREEDOM / freedom
        below = tf.clip_by_value(tf.floor(place), 0.0, len(self.table) - 2.0)
        share = (place - below)[..., None]
        below = tf.cast(below, tf.int32)
        unit = tf.gather(self.table, below) * (1 - share)
        unit += tf.gather(self.table, below + 1) * share
        return location[..., None] + scale[..., None] * unit

    def mean(self, parameters):  # -> (...)
        """Returns the mean."""
        return parameters[..., 0]

    def deviation(self, parameters):  # -> (...)
        """Returns the standard deviation."""
        _, scale, freedom = tf.unstack(parameters, axis=-1)
        return scale * tf.sqrt(freedom / (freedom - 2))

    def outputs(self, parameters):
        """Returns the parameters by name, as `serve` returns them."""
        names = ("location", "scale", "freedom")
        return dict(zip(names, tf.unstack(parameters, axis=-1)))


class HalfT(StudentT):
    """Absolute value of a Student-t variable around 0."""

    table = _table((1 + LEVELS) / 2)

    def parameters(self, raw):
        _, scale, freedom = tf.unstack(super().parameters(raw), axis=-1)
        return tf.stack([tf.zeros_like(scale), scale, freedom], -1)

    def log_density(self, parameters, values):
        return np.log(2) + super().log_density(parameters, values)

    def mean(self, parameters):
        _, scale, freedom = tf.unstack(parameters, axis=-1)
        ratio = tf.math.lgamma((freedom + 1) / 2) - tf.math.lgamma(freedom / 2)
        unit = 2 * tf.sqrt(freedom / np.pi) / (freedom - 1) * tf.exp(ratio)
        return scale * unit


class Quantiles:
    """Quantiles at `LEVELS`, which never cross."""

    size = len(LEVELS)
    losses = ("crps",)
    initial = UNIT * scipy.stats.t.ppf(LEVELS, INITIAL_FREEDOM)

    def parameters(self, raw):
        """Returns the quantiles for raw outputs."""
        gaps = self._gaps(raw[..., 1:])
        above = tf.cumsum(gaps[..., MEDIAN:], -1)
        below = tf.cumsum(gaps[..., :MEDIAN], -1, reverse=True)
        middle = raw[..., :1]
        return tf.concat([middle - below, middle, middle + above], -1)

    def _gaps(self, raw):
        initial = np.diff(self.initial).astype(np.float32)
        return initial * tf.nn.softplus(raw + _inverse_softplus(1.0))

    def scaled(self, parameters, factor):
        """Returns the parameters of the variable times `factor` (...)."""
        return parameters * factor[..., None]

    def quantiles(self, parameters):  # -> (..., LEVELS)
        """Returns the quantiles."""
        return parameters

    def mean(self, parameters):  # -> (...)
        """Returns the mean, estimated from the quantiles."""
        return tf.reduce_sum(parameters * WEIGHTS, -1)

    def deviation(self, parameters):  # -> (...)
        """Returns the standard deviation, estimated from the quantiles."""
        distance = parameters - self.mean(parameters)[..., None]
        return tf.sqrt(tf.reduce_sum(distance**2 * WEIGHTS, -1))

    def outputs(self, parameters):
        """Returns the parameters by name, as `serve` returns them."""
        return {"log_quantiles": parameters}


class PositiveQuantiles(Quantiles):
    """Quantiles of an absolute value: all are positive."""

    initial = UNIT * scipy.stats.t.ppf((1 + LEVELS) / 2, INITIAL_FREEDOM)

    def parameters(self, raw):
        first = self.initial[:1].astype(np.float32) * tf.nn.softplus(
            raw[..., :1] + _inverse_softplus(1.0)
        )
        gaps = tf.concat([first, self._gaps(raw[..., 1:])], -1)
        return tf.cumsum(gaps, -1)


DISTRIBUTIONS = {
    ("student_t", False): StudentT(),
    ("student_t", True): HalfT(),
    ("quantiles", False): Quantiles(),
    ("quantiles", True): PositiveQuantiles(),
}


def find(name: str, target: str) -> StudentT | Quantiles:
    """Returns the distribution of a name for a kind of target."""
    return DISTRIBUTIONS[name, target == "volatility"]
