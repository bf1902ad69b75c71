"""What the network tells of a day: a Student-t, or quantiles.

Each class takes raw numbers (..., size), of which the first moves the middle,
and makes parameters (..., size) of them. About a Student-t of unit deviation
comes of zeros.
"""

import numpy as np
import scipy.stats
import tensorflow as tf

LEVELS = np.array(
    [0.01, 0.025, 0.05, *np.arange(10, 91, 5) / 100, 0.95, 0.975, 0.99]
)
MIDDLE = len(LEVELS) // 2
PLACES = {level: i for i, level in enumerate(LEVELS.tolist())}
LEAST_FREEDOM, USUAL_FREEDOM = 2.2, 6.0
UNIT = np.float32(np.sqrt(1 - 2 / USUAL_FREEDOM))  # Scale of deviation 1.


def _table(levels):
    """Returns quantiles of Student-t at equal steps of 1 / freedom."""
    inverse = np.linspace(1e-9, 1 / LEAST_FREEDOM, 512)
    return scipy.stats.t.ppf(levels, 1 / inverse[:, None]).astype(np.float32)


def _inverse_softplus(value):
    return np.float32(np.log(np.expm1(value)))


class StudentT:
    """Location, scale and degrees of freedom."""

    size = 3
    trained_by = ("likelihood", "crps")
    table = _table(LEVELS)

    def parameters(self, raw):
        """Returns parameters for raw numbers."""
        location, scale, freedom = tf.unstack(raw, axis=-1)
        scale = UNIT * tf.exp(tf.clip_by_value(scale, -4.0, 4.0))
        usual = _inverse_softplus(USUAL_FREEDOM - LEAST_FREEDOM)
        freedom = LEAST_FREEDOM + tf.nn.softplus(freedom + usual)
        return tf.stack([location, scale, freedom], -1)

    def scaled(self, parameters, factor):
        """Returns the distribution of a multiple; `factor` is (...)."""
        location, scale, freedom = tf.unstack(parameters, axis=-1)
        return tf.stack([location * factor, scale * factor, freedom], -1)

    def log_density(self, parameters, values):
        """Returns the log density of values (...)."""
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
        """Returns the quantiles, to 1e-3 of the scale."""
        location, scale, freedom = tf.unstack(parameters, axis=-1)
        place = (len(self.table) - 1) * LEAST_FREEDOM / freedom
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

    def named(self, parameters):
        """Returns the parameters by their names."""
        names = ("location", "scale", "freedom")
        return dict(zip(names, tf.unstack(parameters, axis=-1)))


class HalfT(StudentT):
    """The size of what a Student-t around 0 has."""

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
    """The quantiles at `LEVELS` themselves, which never cross."""

    size = len(LEVELS)
    trained_by = ("crps",)
    usual = UNIT * scipy.stats.t.ppf(LEVELS, USUAL_FREEDOM)

    def parameters(self, raw):
        """Returns quantiles for raw numbers."""
        gaps = self._gaps(raw[..., 1:])
        above = tf.cumsum(gaps[..., MIDDLE:], -1)
        below = tf.cumsum(gaps[..., :MIDDLE], -1, reverse=True)
        middle = raw[..., :1]
        return tf.concat([middle - below, middle, middle + above], -1)

    def _gaps(self, raw):
        usual = np.diff(self.usual).astype(np.float32)
        return usual * tf.nn.softplus(raw + _inverse_softplus(1.0))

    def scaled(self, parameters, factor):
        """Returns the distribution of a multiple; `factor` is (...)."""
        return parameters * factor[..., None]

    def quantiles(self, parameters):  # -> (..., LEVELS)
        """Returns the quantiles."""
        return parameters

    def mean(self, parameters):  # -> (...)
        """Returns the mean, as far as the quantiles tell it."""
        return tf.reduce_sum(parameters * WEIGHTS, -1)

    def deviation(self, parameters):  # -> (...)
        """Returns the standard deviation, as far as they tell it."""
        away = parameters - self.mean(parameters)[..., None]
        return tf.sqrt(tf.reduce_sum(away**2 * WEIGHTS, -1))

    def named(self, parameters):
        """Returns the parameters by their names."""
        return {"log_quantiles": parameters}


class PositiveQuantiles(Quantiles):
    """Those of a size: they begin above 0."""

    usual = UNIT * scipy.stats.t.ppf((1 + LEVELS) / 2, USUAL_FREEDOM)

    def parameters(self, raw):
        first = self.usual[:1].astype(np.float32) * tf.nn.softplus(
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

# Of each of the levels in an integral over all of them.
WEIGHTS = np.diff([0, *(LEVELS[1:] + LEVELS[:-1]) / 2, 1]).astype(np.float32)


def named(name: str, target: str):
    """Returns the distribution of that name for a kind of target."""
    return DISTRIBUTIONS[name, target == "volatility"]


def crps(quantiles, values):
    """Returns the continuous ranked probability score, from quantiles.

    Twice the pinball loss, integrated over the levels (Laio & Tamea 2007).

    Args:
      quantiles: (..., LEVELS).
      values: (...).
    """
    levels = LEVELS.astype(np.float32)
    error = values[..., None] - quantiles
    pinball = tf.maximum(levels * error, (levels - 1) * error)
    return 2 * tf.reduce_sum(pinball * WEIGHTS, -1)
