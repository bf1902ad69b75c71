"""Student-t distributions in float64: fitted, and scored exactly."""

import numpy as np
import scipy.special
import scipy.stats

from apps.stock import distributions

FREEDOMS = (2.2, 2.6, 3, 3.5, 4, 5, 6, 8, 11, 16, 30, 100)
ROUNDS = 20  # Of the fixed point; it moves by less than 1e-3 then.


def fit(errors: np.ndarray) -> np.ndarray:
    """Returns scale and freedom of largest likelihood, (columns, 2).

    Args:
      errors: (rows, columns); each column is centred on 0.
    """
    squares = errors.T[:, None] ** 2 + 1e-16  # (columns, 1, rows)
    freedom = np.array(FREEDOMS)[:, None]
    scale = squares.mean(-1, keepdims=True).repeat(len(FREEDOMS), 1) / 2
    for _ in range(ROUNDS):  # Expectation and maximization.
        weights = (freedom + 1) / (freedom + squares / scale)
        scale = (weights * squares).mean(-1, keepdims=True)
    scale = np.sqrt(scale)
    found = scipy.stats.t.logpdf(np.sqrt(squares), freedom, scale=scale).mean(
        -1
    )
    best = found.argmax(1)
    columns = np.arange(len(best))
    return np.stack([scale[columns, best, 0], np.array(FREEDOMS)[best]], 1)


def crps(parameters: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Returns the continuous ranked probability score of each value.

    Args:
      parameters: (..., 3): location, scale, degrees of freedom, maybe inf.
      values: (...).

    Reference: Jordan, Krüger & Lerch, Evaluating Probabilistic Forecasts with
    scoringRules, 2019.
    """
    location, scale, freedom = np.moveaxis(np.asarray(parameters, float), -1, 0)
    v = np.minimum(freedom, 1e6)  # Beyond, it is a normal.
    z = (values - location) / scale
    beta = scipy.special.betaln(0.5, v - 0.5)
    beta -= 2 * scipy.special.betaln(0.5, v / 2)
    unit = z * (2 * scipy.special.stdtr(v, z) - 1)
    unit += 2 * scipy.stats.t.pdf(z, v) * (v + z**2) / (v - 1)
    return scale * (unit - 2 * np.sqrt(v) / (v - 1) * np.exp(beta))


def log_density(quantiles: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Returns the log density of values by quantiles at `LEVELS`.

    It is constant between two quantiles, and falls exponentially beyond the
    outermost, from the density beside them.

    Args:
      quantiles: (..., levels), ascending.
      values: (...).
    """
    levels = distributions.LEVELS
    quantiles = np.broadcast_to(quantiles, (*values.shape, len(levels)))
    widths = np.maximum(np.diff(quantiles, axis=-1), 1e-9)
    densities = np.diff(levels) / widths
    place = (values[..., None] > quantiles).sum(-1)
    inside = np.clip(place - 1, 0, len(levels) - 2)
    density = np.take_along_axis(densities, inside[..., None], -1)[..., 0]
    beyond = np.maximum(quantiles[..., 0] - values, 0)
    beyond += np.maximum(values - quantiles[..., -1], 0)
    return np.log(density) - beyond * density / levels[0]
