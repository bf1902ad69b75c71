"""Simulates markets whose true distribution is known.

- `random_walk`: independent normal returns. Nothing but their constant
  volatility can be forecast.
- `garch`: GARCH(1,1) with Student-t noise (Bollerslev 1987). The volatility
  can be forecast, the direction cannot.
- `seasonal`: a trend, a pattern of the five days of a week, and noise that
  decays by half each day. Price and direction can be forecast.
- `reverting`: a price that returns to its mean by a tenth of the distance each
  day.

Highs and lows are those of a Brownian bridge between the day's open and
close; volume grows with the absolute return.
"""

import numpy as np

from apps.stock.data.series import Series

DAYS = 4_000
FIRST_DAY = "2004-01-01"
VOLATILITY = 0.01  # Standard deviation of a log return.
ALPHA, BETA, FREEDOM = 0.09, 0.89, 5.0
TREND, SEASON, DECAY = 0.0003, (0.0, 0.012, 0.004, -0.006, -0.01), 0.5
NOISE = 0.006
REVERSION = 0.1
BURN_IN = 500  # Days that are simulated and discarded.


def market(name: str, seed: int, days: int = DAYS) -> Series:
    """Returns the series of one of `MARKETS`, with its truth."""
    rng = np.random.default_rng([seed, list(MARKETS).index(name)])
    dates = np.busday_offset(FIRST_DAY, np.arange(days), roll="forward")
    weekday = np.array([date.weekday() for date in dates.tolist()])
    returns, scale, truth = MARKETS[name](rng, weekday)
    prices = 100 * np.exp(np.cumsum(returns))
    bars = _bars(rng, prices, returns, scale)
    return Series(name, dates.astype("M8[D]"), prices, bars, truth)


def _random_walk(rng, weekday):
    days = len(weekday)
    returns = VOLATILITY * rng.standard_normal(days)
    scale = np.full(days, VOLATILITY)
    return returns, scale, _truth(0.0, scale)


def _garch(rng, weekday):
    days = len(weekday)
    omega = VOLATILITY**2 * (1 - ALPHA - BETA)
    unit = np.sqrt((FREEDOM - 2) / FREEDOM)
    noise = unit * rng.standard_t(FREEDOM, days + BURN_IN)
    variance, returns = [VOLATILITY**2], []
    for draw in noise:
        returns.append(np.sqrt(variance[-1]) * draw)
        variance.append(omega + ALPHA * returns[-1] ** 2 + BETA * variance[-1])
    scale = np.sqrt(variance[BURN_IN:])
    truth = _truth(0.0, unit * scale[1:], FREEDOM)
    return np.array(returns[BURN_IN:]), scale[:-1], truth


def _seasonal(rng, weekday):
    days = len(weekday)
    noise = _autoregression(rng, days, DECAY, NOISE)
    season = np.array(SEASON)[weekday]
    returns = np.diff(noise + season, prepend=0.0) + TREND
    following = (weekday + 1) % 5
    location = np.array(SEASON)[following] - season + (DECAY - 1) * noise
    scale = np.full(days, NOISE)
    return returns, scale, _truth(TREND + location, scale)


def _reverting(rng, weekday):
    days = len(weekday)
    distance = _autoregression(rng, days, 1 - REVERSION, VOLATILITY)
    scale = np.full(days, VOLATILITY)
    returns = np.diff(distance, prepend=0.0)
    return returns, scale, _truth(-REVERSION * distance, scale)


MARKETS = {
    "random_walk": _random_walk,
    "garch": _garch,
    "seasonal": _seasonal,
    "reverting": _reverting,
}


def _autoregression(rng, days, share, scale):
    """Returns a stationary first-order autoregression, (days,)."""
    values = [rng.standard_normal() * scale / np.sqrt(1 - share**2)]
    for draw in rng.standard_normal(days - 1):
        values.append(share * values[-1] + scale * draw)
    return np.array(values)


def _truth(location, scale, freedom=np.inf):
    return np.stack(
        np.broadcast_arrays(location, scale, freedom), axis=-1
    ).astype(float)


def _bars(rng, prices, returns, scale):
    """Returns (days, 5): open, high, low, close and volume of each day."""
    # The maximum of a Brownian bridge that ends at x.
    maxima = [
        np.sqrt(x**2 - 2 * scale**2 * np.log(rng.random(len(x))))
        for x in (returns, -returns)
    ]
    opens = prices * np.exp(-returns)
    highs = opens * np.exp((returns + maxima[0]) / 2)
    lows = opens * np.exp((returns - maxima[1]) / 2)
    activity = 0.3 * np.abs(returns) / scale + 0.3 * rng.standard_normal(
        len(opens)
    )
    return np.stack([opens, highs, lows, prices, 1e6 * np.exp(activity)], -1)
