"""Features with mean zero and variance one, with the same bits in any batch.

Sums over time are cumulative ones, which are added frame by frame; the order of
`tf.reduce_sum` depends on the padding. In float64, so that long recordings and
streams lose nothing.
"""

from typing import NamedTuple

import tensorflow as tf

# Lower ones would amplify the noise of a silent recording to that of speech.
MIN_DEVIATION = 0.5
# What streams begin with, for as long as a syllable: the features of the
# Free Spoken Digit Dataset.
PRIOR_FRAMES, PRIOR_MEAN, PRIOR_DEVIATION = 30, -5.4, 3.7


class Statistics(NamedTuple):
    """Statistics of the frames of streams so far.

    Attributes:
      counts: float64 (batch, 1), number of frames.
      sums: float64 (batch, features).
      squares: float64 (batch, features), sums of squares.
    """

    counts: tf.Tensor
    sums: tf.Tensor
    squares: tf.Tensor


def per_recording(features: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
    """Returns features normalized over all frames of their recording.

    Args:
      features: float32 (batch, frames, features).
      counts: int32 (batch,), frames of each; further ones are padding and
        become zeros.
    """
    frames = tf.cast(features, tf.float64)
    last = tf.maximum(counts - 1, 0)
    totals = tf.maximum(tf.cast(counts, tf.float64), 1)[:, None]
    # A frame of zeros, so that there is a last one.
    sums, squares = (
        tf.gather(tf.cumsum(values, 1), last, batch_dims=1)
        for values in (
            tf.pad(frames, [[0, 0], [0, 1], [0, 0]]),
            tf.pad(tf.square(frames), [[0, 0], [0, 1], [0, 0]]),
        )
    )
    statistics = Statistics(totals, sums, squares)
    normalized = _normalize(frames, *(s[:, None] for s in statistics))
    is_frame = tf.sequence_mask(counts, tf.shape(features)[1])
    return tf.where(is_frame[..., None], normalized, 0)


def initial_statistics(batch: tf.Tensor | int, features: int) -> Statistics:
    """Returns the statistics before the first frame of streams."""
    square = PRIOR_MEAN**2 + PRIOR_DEVIATION**2
    return Statistics(
        tf.fill([batch, 1], tf.constant(PRIOR_FRAMES, tf.float64)),
        *(
            tf.fill([batch, features], tf.constant(value, tf.float64))
            for value in (PRIOR_FRAMES * PRIOR_MEAN, PRIOR_FRAMES * square)
        ),
    )


def running(
    features: tf.Tensor, statistics: Statistics
) -> tuple[tf.Tensor, Statistics]:
    """Returns features normalized over the past, and the next statistics.

    Frames after the end of a recording change nothing before it.

    Args:
      features: float32 (batch, frames, features), the next ones.
      statistics: Statistics of the frames before these.
    """
    frames = tf.cast(features, tf.float64)
    counts, sums, squares = (
        tf.cumsum(tf.concat([start[:, None], values], 1), 1)
        for start, values in zip(
            statistics,
            (tf.ones_like(frames[..., :1]), frames, tf.square(frames)),
        )
    )
    normalized = _normalize(frames, counts[:, 1:], sums[:, 1:], squares[:, 1:])
    return normalized, Statistics(counts[:, -1], sums[:, -1], squares[:, -1])


def _normalize(frames, counts, sums, squares):
    mean = sums / counts
    variance = squares / counts - tf.square(mean)
    # Square root and quotient are exact, unlike rsqrt.
    deviation = tf.sqrt(tf.maximum(variance, MIN_DEVIATION**2))
    return tf.cast((frames - mean) / deviation, tf.float32)
