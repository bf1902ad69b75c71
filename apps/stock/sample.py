"""Synthetic markets whose truth is known: what can be forecast, and what not.

- `random_walk`: normal returns, independent of all before. Nothing but its
  constant volatility can be known.
- `garch`: GARCH(1,1) with Student-t noise (Bollerslev 1987). Its direction is
  chance, its volatility is not.
- `seasonal`: a trend, a pattern of the five days of a week, and noise that
  fades by half each day. Price and direction can be forecast.
- `reverting`: a price that is drawn back to its mean, by a tenth of the
  distance each day.

Highs and lows are those of a Brownian bridge between the day's open and
close; volume grows with the size of the move.
"""

import numpy as np

from apps.stock.series import Series

MARKETS = ("random_walk", "garch", "seasonal", "reverting")
DAYS = 4_000
FIRST = "2004-01-01"
VOLATILITY = 0.01  # Standard deviation of a log return.
ALPHA, BETA, FREEDOM = 0.09, 0.89, 5.0
TREND, SEASON, FADING = 0.0003, (0.0, 0.012, 0.004, -0.006, -0.01), 0.5
NOISE = 0.006
PULL = 0.1
BEFORE = 500  # Days that are simulated and thrown away.


def markets(seed: int, days: int = DAYS) -> list[Series]:
    """Returns one series of each of `MARKETS`."""
    return [
        _market(name, np.random.default_rng([seed, place]), days)
        for place, name in enumerate(MARKETS)
    ]


def _market(name, rng, days):
    dates = np.busday_offset(FIRST, np.arange(days), roll="forward")
    weekday = (dates.astype(int) + 3) % 7  # Monday is 0.
    simulate = {
        "random_walk": _random_walk,
        "garch": _garch,
        "seasonal": _seasonal,
        "reverting": _reverting,
    }[name]
    returns, scale, truth = simulate(rng, days, weekday)
    prices = 100 * np.exp(np.cumsum(returns))
    bars = _bars(rng, prices, returns, scale)
    return Series(name, dates.astype("M8[D]"), prices, bars, truth)


def _random_walk(rng, days, weekday):
    returns = VOLATILITY * rng.standard_normal(days)
    scale = np.full(days, VOLATILITY)
    return returns, scale, _truth(0.0, scale)


def _garch(rng, days, weekday):
    omega = VOLATILITY**2 * (1 - ALPHA - BETA)
    unit = np.sqrt((FREEDOM - 2) / FREEDOM)
    noise = unit * rng.standard_t(FREEDOM, days + BEFORE)
    variance, returns = [VOLATILITY**2], []
    for draw in noise:
        returns.append(np.sqrt(variance[-1]) * draw)
        variance.append(omega + ALPHA * returns[-1] ** 2 + BETA * variance[-1])
    scale = np.sqrt(variance[BEFORE:])
    truth = _truth(0.0, unit * scale[1:], FREEDOM)
    return np.array(returns[BEFORE:]), scale[:-1], truth


def _seasonal(rng, days, weekday):
    noise = _fading(rng, days, FADING, NOISE)
    season = np.array(SEASON)[weekday]
    returns = np.diff(noise + season, prepend=0.0) + TREND
    following = (weekday + 1) % 5
    location = np.array(SEASON)[following] - season + (FADING - 1) * noise
    scale = np.full(days, NOISE)
    return returns, scale, _truth(TREND + location, scale)


def _reverting(rng, days, weekday):
    distance = _fading(rng, days, 1 - PULL, VOLATILITY)
    scale = np.full(days, VOLATILITY)
    returns = np.diff(distance, prepend=0.0)
    return returns, scale, _truth(-PULL * distance, scale)


def _fading(rng, days, share, scale):
    """Returns a first-order autoregression, (days,), in its steady state."""
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
    # The highest point of a Brownian bridge that ends at x.
    reach = [
        np.sqrt(x**2 - 2 * scale**2 * np.log(rng.random(len(x))))
        for x in (returns, -returns)
    ]
    opens = prices * np.exp(-returns)
    highs = opens * np.exp((returns + reach[0]) / 2)
    lows = opens * np.exp((returns - reach[1]) / 2)
    busy = 0.3 * np.abs(returns) / scale + 0.3 * rng.standard_normal(len(opens))
    return np.stack([opens, highs, lows, prices, 1e6 * np.exp(busy)], -1)
