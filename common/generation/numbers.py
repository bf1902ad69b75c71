"""Numbers that clients send to a signature."""

import tensorflow as tf

MAX_LENGTH = 10_000  # Generated tokens.
MAX_WIDTH = 128  # Hypotheses of a beam.
MAX_TEMPERATURE = 1000.0
MAX_PENALTY = 1e6


def clipped(
    value: tf.Tensor | float, low: float, high: float, name: str
) -> tf.Tensor:
    """Returns a number within bounds, in the graph.

    Args:
      value: float or int scalar.
      low: The lowest number.
      high: The highest number.
      name: What it is, for the error message.

    Raises:
      InvalidArgumentError: When the graph runs, if `value` is not a number.
    """
    value = tf.convert_to_tensor(value)
    if value.dtype.is_floating:
        is_number = tf.debugging.Assert(
            ~tf.math.is_nan(value), [f"{name} must be a number, got NaN"]
        )
        with tf.control_dependencies([is_number] if is_number else []):
            value = tf.identity(value)
    return tf.clip_by_value(
        value, tf.cast(low, value.dtype), tf.cast(high, value.dtype)
    )
