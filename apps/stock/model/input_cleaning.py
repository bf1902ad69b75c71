"""Cleans raw prices and dates, in the graph."""

import tensorflow as tf

from common.images import binary

MIN_PRICE, MAX_PRICE = 1e-30, 1e30  # Other numbers count as unknown.
ISO_DATE = r"\d\d\d\d-\d\d-\d\d([T ].*)?"
EPOCH = "1970-01-01"


def is_known(numbers):  # (...) -> bool (...)
    """Returns where numbers are valid prices or volumes."""
    return (numbers > MIN_PRICE) & (numbers < MAX_PRICE)


def fill_forward(prices):  # (batch, days) -> (batch, days)
    """Replaces each unknown price by the last known one.

    Unknown prices at the start are replaced by the first known one.

    Raises:
      InvalidArgumentError: A row has no known price.
    """
    has_prices = tf.reduce_all(tf.reduce_any(is_known(prices), 1))
    reason = "A history has no positive, finite price within its window."
    return filled(binary.require(has_prices, prices, reason))


def filled(prices):  # (batch, days) -> (batch, days)
    """Returns the result of `fill_forward`, without its check."""
    known = is_known(prices)
    last = last_known(known)
    # Not of booleans, which ONNX does not order.
    first = tf.argmax(tf.cast(known, tf.int32), 1, tf.int32)
    last = tf.where(last < 0, first[:, None], last)
    return tf.gather(prices, last, batch_dims=1)


def last_known(known):  # bool (..., days) -> int32 (..., days)
    """Returns the last known day up to each day; -1 if there is none."""
    days = tf.shape(known)[-1]
    last = tf.where(known, tf.range(days), -1)
    before = [[0, 0]] * (len(known.shape) - 1)
    # A running maximum, in log2(days) steps.
    for step in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512):
        earlier = tf.pad(
            last[..., :-step], [*before, [step, 0]], constant_values=-1
        )
        last = tf.maximum(last, earlier[..., :days])
    return last


def day_numbers(dates):  # string (...) -> int32 (...), bool (...)
    """Returns the days since 1970-01-01, and which dates are valid."""
    known = tf.strings.regex_full_match(dates, ISO_DATE)
    text = tf.where(known, dates, EPOCH)
    year, month, day = (
        tf.strings.to_number(tf.strings.substr(text, *place), tf.int32)
        for place in ((0, 4), (5, 2), (8, 2))
    )
    # Count years from March, so that a leap day is the last of its year.
    year = tf.where(month > 2, year, year - 1)
    month = (month + 9) % 12
    leap_days = year // 4 - year // 100 + year // 400
    number = 365 * year + leap_days + (153 * month + 2) // 5 + day - 1
    return number - 719_468, known
