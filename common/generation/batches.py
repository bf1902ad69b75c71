"""Batches that clients send to a signature."""

import tensorflow as tf

MAX_STATE = 1e6  # Of the states that a client sends: larger ones overflow.


def at_least_one(values: tf.Tensor, axes: int = 1) -> tf.Tensor:
    """Returns values with zeros added where one of the first axes is empty.

    Convolutions on a CPU fail for an empty batch, and loops need one step.

    Args:
      values: Their rank is known.
      axes: Number of axes that must not be empty.
    """
    missing = [
        [0, tf.maximum(0, 1 - tf.shape(values)[axis])] for axis in range(axes)
    ]
    return tf.pad(values, missing + [[0, 0]] * (values.shape.rank - axes))


def valid_state(values: tf.Tensor, rows: tf.Tensor, name: str) -> tf.Tensor:
    """Returns a state that a client sent, clipped to what cannot overflow.

    Args:
      values: (rows, ...).
      rows: Number of rows of the frames.
      name: Of the input, for messages.

    Raises:
      InvalidArgumentError: It is not finite, or has another number of rows.
    """
    remedy = "pass zeros, or the output of the step before."
    with tf.control_dependencies(
        [
            tf.debugging.assert_equal(
                tf.shape(values)[0],
                rows,
                f"{name} has other rows than frame: {remedy}",
            ),
            tf.debugging.assert_all_finite(
                values, f"{name} is not finite: {remedy}"
            ),
        ]
    ):
        return tf.clip_by_value(values, -MAX_STATE, MAX_STATE)
