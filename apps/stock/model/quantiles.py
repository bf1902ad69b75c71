"""Forecasts as quantiles at fixed levels: their scores."""

import numpy as np
import tensorflow as tf

LEVELS = np.array(
    [0.01, 0.025, 0.05, *np.arange(10, 91, 5) / 100, 0.95, 0.975, 0.99]
)
MEDIAN = len(LEVELS) // 2  # Its index in LEVELS.
INDEX = {level: i for i, level in enumerate(LEVELS.tolist())}
# The weight of each level in an integral over all levels.
WEIGHTS = np.diff([0, *(LEVELS[1:] + LEVELS[:-1]) / 2, 1]).astype(np.float32)


def crps(quantiles: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
    """Returns the continuous ranked probability score of each value.

    Twice the pinball loss, integrated over the levels (Laio & Tamea 2007).

    Args:
      quantiles: (..., levels).
      values: (...).
    """
    levels = LEVELS.astype(np.float32)
    error = values[..., None] - quantiles
    pinball = tf.maximum(levels * error, (levels - 1) * error)
    return 2 * tf.reduce_sum(pinball * WEIGHTS, -1)


def log_density(quantiles: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Returns the log density of each value.

    The density is constant between two quantiles. Beyond the outermost ones it
    starts with that of the adjacent interval and decays exponentially.

    Args:
      quantiles: (..., levels), ascending.
      values: (...).
    """
    quantiles = np.broadcast_to(quantiles, (*values.shape, len(LEVELS)))
    widths = np.maximum(np.diff(quantiles, axis=-1), 1e-9)
    densities = np.diff(LEVELS) / widths
    place = (values[..., None] > quantiles).sum(-1)
    inside = np.clip(place - 1, 0, len(LEVELS) - 2)
    density = np.take_along_axis(densities, inside[..., None], -1)[..., 0]
    beyond = np.maximum(quantiles[..., 0] - values, 0)
    beyond += np.maximum(values - quantiles[..., -1], 0)
    return np.log(density) - beyond * density / LEVELS[0]
