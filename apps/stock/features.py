"""From raw prices to what the network reads, in the graph."""

import numpy as np
import tensorflow as tf

from apps.stock import history

DECAY = 0.94  # Of the exponentially weighted variance (RiskMetrics 1996).
FAST, SLOW = 0.75, 0.985  # Of those that are compared with it.
SIZE = 25  # Features of a day.
COMING = 8  # Features of a coming day.
MOST = 2.0  # A log return beyond is taken for it: a factor of 7 in a day.
LEAST_VARIANCE = 1e-10
USUAL = np.log(0.012)  # About the log volatility of stocks.


def read(prices, bars, dates, window):
    """Returns what is to be known of windows of days.

    All is told in units of the volatility of the window itself: no scale of
    another period comes in.

    Args:
      prices: (batch, days), days > window; what is not a positive number is
        a day without a price, which keeps that of the day before.
      bars: (batch, days, 5): open, high, low, close, volume; the same.
      dates: string (batch, days); what is no date is unknown.
      window: int; the days that count, the last ones.

    Returns:
      A dict: "features" (batch, window, SIZE); "volatility" (batch,): the
      exponentially weighted one after the last day; "last" (batch,): its
      price; "weekday" and "weekend" (batch,): as `coming` takes them.

    Raises:
      InvalidArgumentError: there are not enough days, or no price at all.
    """
    enough = tf.debugging.assert_greater(
        tf.shape(prices)[1],
        window,
        f"The history is too short: give {window + 1} days or more.",
    )
    # In a graph another op could fail before, and say less.
    with tf.control_dependencies([enough]):
        prices, bars, dates = (tf.identity(t) for t in (prices, bars, dates))
    prices = history.filled(prices[:, -window - 1 :])
    logs = tf.math.log(prices)
    returns = tf.clip_by_value(logs[:, 1:] - logs[:, :-1], -MOST, MOST)
    level, squares = logs[:, 1:], returns**2
    variance = _variance(squares, DECAY)
    deviation = tf.sqrt(variance)
    # Of the day before: known when the day begins.
    start = tf.reduce_mean(squares, 1, keepdims=True) + LEAST_VARIANCE
    before = tf.concat([start, variance[:, :-1]], 1)
    columns = [
        returns / tf.sqrt(before),
        tf.abs(returns) / tf.sqrt(before),
        *_of_bars(returns, bars[:, -window:], before, variance),
        _ratio(_variance(squares, FAST), variance),
        _ratio(_variance(squares, SLOW), variance),
        tf.math.log(deviation) - USUAL,
        (level - _mean(level, 0.9)) / deviation,
        (level - _mean(level, SLOW)) / (3 * deviation),
        (level - level[:, -1:]) / (5 * deviation[:, -1:]),
    ]
    numbers, known = history.day_numbers(dates[:, -window - 1 :])
    columns.append(_gap(numbers, known))
    weekday = tf.where(known, (numbers + 3) % 7, -1)[:, 1:]
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
    """Returns what is known of the coming days, (batch, horizon, COMING).

    Args:
      weekday: int (batch,); of the last day, Monday is 0, -1 if unknown.
      weekend: bool (batch,); whether Saturdays or Sundays are traded on.
      horizon: int.
    """
    ahead = tf.range(1, horizon + 1)
    days = (weekday[:, None] + ahead) % tf.where(weekend, 7, 5)[:, None]
    days = tf.where(weekday[:, None] < 0, -1, days)
    place = tf.ones_like(days) * ahead / horizon
    place = tf.cast(place, tf.float32)[..., None]
    return tf.concat([tf.one_hot(days, 7), place], -1)


def _of_bars(returns, bars, before, variance):
    """Returns columns of the range of the days, their parts and volume.

    The variance of a day is the square of the return overnight, and what
    Garman & Klass (1980) estimate from its open, high, low and close; the
    square of its return where these are not known.
    """
    known = tf.reduce_all(history.there(bars[..., :4]), -1)
    some = tf.where(known[..., None], bars[..., :4], 1.0)
    opens, highs, lows, closes = tf.unstack(tf.math.log(some), axis=-1)
    within = tf.clip_by_value(closes - opens, -MOST, MOST)
    spread = tf.clip_by_value(highs - lows, 0.0, MOST)
    overnight = tf.where(known, returns - within, 0.0)
    range_ = 0.5 * spread**2 - (2 * np.log(2) - 1) * within**2
    of_day = tf.where(known, overnight**2 + tf.nn.relu(range_), returns**2)
    return [
        _ratio(of_day + 0.01 * before, before),
        *(
            _ratio(_variance(of_day, decay), variance)
            for decay in (FAST, DECAY, SLOW)
        ),
        overnight / tf.sqrt(before),
        tf.where(known, within, 0.0) / tf.sqrt(before),
        tf.where(known, (closes - lows) / (spread + 1e-6) - 0.5, 0.0),
        tf.cast(known, tf.float32),
        _surprise(bars[..., 4]),
    ]


def _surprise(volume):
    """Returns the log of the volume over what it was of late."""
    known = history.there(volume)
    logs = tf.math.log(tf.where(known, volume, 1.0))
    count = tf.maximum(1.0, tf.reduce_sum(tf.cast(known, tf.float32), 1))
    mean = tf.reduce_sum(logs, 1) / count  # Where unknown, logs are 0.
    logs = tf.where(known, logs, mean[:, None])
    usual = _mean(logs, DECAY)
    return logs - tf.concat([mean[:, None], usual[:, :-1]], 1)


def _gap(numbers, known):
    """Returns the log of the days since the row before."""
    days = numbers[:, 1:] - numbers[:, :-1]
    days = tf.where(known[:, 1:] & known[:, :-1], days, 1)
    return tf.math.log(tf.cast(tf.clip_by_value(days, 1, 60), tf.float32))


def _variance(squares, decay):
    """Returns exponentially weighted means, begun with the plain one."""
    start = tf.reduce_mean(squares, 1, keepdims=True)
    days = squares.shape[1] or tf.shape(squares)[1]
    rest = decay ** tf.range(1, days + 1, dtype=tf.float32)
    return (
        squares @ _weights(days, decay) * (1 - decay)
        + start * rest
        + LEAST_VARIANCE
    )


def _mean(values, decay):
    """Returns exponentially weighted means of the days so far."""
    weights = _weights(tf.shape(values)[1], decay)
    return values @ (weights / tf.reduce_sum(weights, 0))


def _weights(days, decay):
    """Returns decay ** (to - from), 0 before: (from, to)."""
    days = tf.range(days, dtype=tf.float32)
    age = days - days[:, None]
    return tf.where(age < 0, 0.0, decay ** tf.maximum(age, 0.0))


def _ratio(variance, other):
    """Returns the log of the ratio of two volatilities."""
    return 0.5 * tf.math.log(variance / other)
