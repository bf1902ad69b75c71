"""What programs send as a history, made whole: prices, bars and days."""

import tensorflow as tf

LEAST, GREATEST = 1e-30, 1e30  # A price beyond is none.
ISO = r"\d\d\d\d-\d\d-\d\d([T ].*)?"
EPOCH = "1970-01-01"


def there(numbers):  # (...) -> bool (...)
    """Returns which numbers are such as prices are."""
    return (numbers > LEAST) & (numbers < GREATEST)


def filled(prices):  # (batch, days) -> (batch, days)
    """Returns prices, where there is none that of the day before.

    Before the first price: that one.

    Raises:
      InvalidArgumentError: a row has no price at all.
    """
    known = there(prices)
    tf.debugging.Assert(
        tf.reduce_all(tf.reduce_any(known, 1)),
        ["A history has no positive, finite price within its window."],
    )
    days = tf.shape(prices)[1]
    place = tf.where(known, tf.range(days), -1)
    # The last known day at each: the running maximum, in log2(days) steps.
    for step in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        moved = tf.pad(
            place[:, :-step], [[0, 0], [step, 0]], constant_values=-1
        )
        place = tf.maximum(place, moved[:, :days])
    first = tf.argmax(known, 1, tf.int32)
    place = tf.where(place < 0, first[:, None], place)
    return tf.gather(prices, place, batch_dims=1)


def day_numbers(dates):  # string (...) -> int32 (...), bool (...)
    """Returns days since 1970-01-01, and which of the dates are some."""
    known = tf.strings.regex_full_match(dates, ISO)
    text = tf.where(known, dates, EPOCH)
    year, month, day = (
        tf.strings.to_number(tf.strings.substr(text, *where), tf.int32)
        for where in ((0, 4), (5, 2), (8, 2))
    )
    # Years that begin in March, so that a leap day is their last.
    year = tf.where(month > 2, year, year - 1)
    month = (month + 9) % 12
    leaps = year // 4 - year // 100 + year // 400
    number = 365 * year + leaps + (153 * month + 2) // 5 + day - 1
    return number - 719_468, known
