"""Features of days, computed in the graph from raw prices."""

import numpy as np
import tensorflow as tf

from apps.stock.model import input_cleaning

DECAY = 0.94  # Of the exponentially weighted variance (RiskMetrics 1996).
FAST, SLOW = 0.75, 0.985  # Of the variances that are compared with it.
SIZE = 25  # Features of a day.
COMING_SIZE = 8  # Features of a coming day.
MAX_RETURN = 2.0  # Log returns are clipped to it: a factor of 7 in a day.
MIN_VARIANCE = 1e-10
TYPICAL_LOG_VOLATILITY = np.log(0.012)  # Of stocks.


def read_window(prices, bars, dates, window):
    """Returns the features of the last days, and their units.

    All features are in units of the volatility of the window itself: nothing
    is scaled by other periods.

    Args:
      prices: (batch, days), days > window; a number that is not positive and
        finite is a missing price, replaced by that of the day before.
      bars: (batch, days, 5): open, high, low, close, volume; the same.
      dates: string (batch, days); an invalid date is unknown.
      window: int; number of days to read, the last ones.

    Returns:
      A dict: "features" (batch, window, SIZE); "volatility" (batch,),
      exponentially weighted, after the last day; "last" (batch,), the last
      price; "weekday" and "weekend" (batch,), see `coming`.

    Raises:
      InvalidArgumentError: There are not enough days, or no price at all.
    """
    is_long_enough = tf.debugging.assert_greater(
        tf.shape(prices)[1],
        window,
        f"The history is too short: give {window + 1} days or more.",
    )
    # Otherwise another op of the graph may fail first, with a worse message.
    with tf.control_dependencies([is_long_enough]):
        prices, bars, dates = (tf.identity(t) for t in (prices, bars, dates))
    prices = input_cleaning.fill_forward(prices[:, -window - 1 :])
    days, known = input_cleaning.day_numbers(dates[:, -window - 1 :])
    return of_days(prices, bars, days, known, window)


def of_days(prices, bars, days, known, window):
    """Returns the result of `read_window`.

    Args:
      prices: (batch, window + 1); all are known.
      bars: See `read_window`.
      days: int32 (batch, window + 1); the days since 1970-01-01.
      known: bool (batch, window + 1); which of them are known.
      window: See `read_window`.
    """
    columns, deviation = _of_prices(prices, bars, window)
    columns.append(_gap(days, known))
    # 1970-01-01 was a Thursday, which is 3.
    weekday = tf.where(known, (days + 3) % 7, -1)[:, 1:]
    columns = tf.clip_by_value(tf.stack(columns, -1), -8.0, 8.0)
    features = tf.concat([columns, tf.one_hot(weekday, 7)], -1)
    return {
        "features": tf.ensure_shape(features, [None, window, SIZE]),
        "volatility": deviation[:, -1],
        "last": prices[:, -1],
        "weekday": weekday[:, -1],
        "weekend": tf.reduce_any(weekday > 4, 1),
    }


def coming(weekday, weekend, horizon):
    """Returns the features of the coming days, (batch, horizon, COMING_SIZE).

    Args:
      weekday: int (batch,); of the last day, 0 for Monday, -1 if unknown.
      weekend: bool (batch,); whether there is trading on weekends.
      horizon: int.
    """
    ahead = tf.range(1, horizon + 1)
    days = (weekday[:, None] + ahead) % tf.where(weekend, 7, 5)[:, None]
    days = tf.where(weekday[:, None] < 0, -1, days)
    place = tf.ones_like(days) * ahead / horizon
    place = tf.cast(place, tf.float32)[..., None]
    return tf.concat([tf.one_hot(days, 7), place], -1)


def _of_prices(prices, bars, window):
    """Returns columns (batch, days) of prices and bars, and the volatility."""
    logs = tf.math.log(prices)
    returns = logs[:, 1:] - logs[:, :-1]
    returns = tf.clip_by_value(returns, -MAX_RETURN, MAX_RETURN)
    level, squares = logs[:, 1:], returns**2
    variance = _variance(squares, DECAY)
    deviation = tf.sqrt(variance)
    # Of the day before: known when the day begins.
    start = tf.reduce_mean(squares, 1, keepdims=True) + MIN_VARIANCE
    before = tf.concat([start, variance[:, :-1]], 1)
    return [
        returns / tf.sqrt(before),
        tf.abs(returns) / tf.sqrt(before),
        *_of_bars(returns, bars[:, -window:], before, variance),
        _log_ratio(_variance(squares, FAST), variance),
        _log_ratio(_variance(squares, SLOW), variance),
        tf.math.log(deviation) - TYPICAL_LOG_VOLATILITY,
        (level - _mean(level, 0.9)) / deviation,
        (level - _mean(level, SLOW)) / (3 * deviation),
        (level - level[:, -1:]) / (5 * deviation[:, -1:]),
    ], deviation


def _of_bars(returns, bars, before, variance):
    """Returns columns of the range of the days, its parts, and the volume.

    The variance of a day is the square of the overnight return, plus the
    estimate of Garman & Klass (1980) from open, high, low and close. Where
    these are unknown it is the square of the return.
    """
    known = tf.reduce_all(input_cleaning.is_known(bars[..., :4]), -1)
    valid = tf.where(known[..., None], bars[..., :4], 1.0)
    opens, highs, lows, closes = tf.unstack(tf.math.log(valid), axis=-1)
    within = tf.clip_by_value(closes - opens, -MAX_RETURN, MAX_RETURN)
    spread = tf.clip_by_value(highs - lows, 0.0, MAX_RETURN)
    overnight = tf.where(known, returns - within, 0.0)
    range_ = 0.5 * spread**2 - (2 * np.log(2) - 1) * within**2
    of_day = tf.where(known, overnight**2 + tf.nn.relu(range_), returns**2)
    return [
        _log_ratio(of_day + 0.01 * before, before),
        *(
            _log_ratio(_variance(of_day, decay), variance)
            for decay in (FAST, DECAY, SLOW)
        ),
        overnight / tf.sqrt(before),
        tf.where(known, within, 0.0) / tf.sqrt(before),
        tf.where(known, (closes - lows) / (spread + 1e-6) - 0.5, 0.0),
        tf.cast(known, tf.float32),
        _volume_surprise(bars[..., 4]),
    ]


def _volume_surprise(volume):
    """Returns the log of the volume relative to that of the days before."""
    known = input_cleaning.is_known(volume)
    logs = tf.math.log(tf.where(known, volume, 1.0))
    count = tf.maximum(1.0, tf.reduce_sum(tf.cast(known, tf.float32), 1))
    mean = tf.reduce_sum(logs, 1) / count  # Where unknown, logs are 0.
    logs = tf.where(known, logs, mean[:, None])
    recent = _mean(logs, DECAY)
    return logs - tf.concat([mean[:, None], recent[:, :-1]], 1)


def _gap(days, known):
    """Returns the log of the number of days since the previous row."""
    gaps = days[:, 1:] - days[:, :-1]
    gaps = tf.where(known[:, 1:] & known[:, :-1], gaps, 1)
    return tf.math.log(tf.cast(tf.clip_by_value(gaps, 1, 60), tf.float32))


def _variance(squares, decay):
    """Returns exponentially weighted means that start with the plain mean."""
    start = tf.reduce_mean(squares, 1, keepdims=True)
    days = squares.shape[1] or tf.shape(squares)[1]
    rest = decay ** tf.range(1, days + 1, dtype=tf.float32)
    return (
        squares @ _weights(days, decay) * (1 - decay)
        + start * rest
        + MIN_VARIANCE
    )


def _mean(values, decay):
    """Returns exponentially weighted means of the days so far."""
    weights = _weights(tf.shape(values)[1], decay)
    return values @ (weights / tf.reduce_sum(weights, 0))


def _weights(days, decay):
    """Returns decay ** (to - from), 0 where to < from: (from, to)."""
    days = tf.range(days, dtype=tf.float32)
    age = days - days[:, None]
    return tf.where(age < 0, 0.0, decay ** tf.maximum(age, 0.0))


def _log_ratio(variance, other):
    """Returns the log of the ratio of two volatilities."""
    return 0.5 * tf.math.log(variance / other)
