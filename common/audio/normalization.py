"""Features with mean zero and variance one, with the same bits in any batch.

Sums over time are cumulative ones, which are added frame by frame; the order of
`tf.reduce_sum` depends on the padding. In float64, so that long recordings and
streams lose nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

# Lower ones would amplify the noise of a silent recording to that of speech.
MIN_DEVIATION = 0.5
# Weight of the statistics that streams begin with: as long as a sound.
PRIOR_FRAMES = 10


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


def initial_statistics(
    batch: tf.Tensor | int, prior: Sequence[tuple[float, float]]
) -> Statistics:
    """Returns the statistics before the first frame of streams.

    Args:
      batch: Number of streams.
      prior: Mean and deviation of each feature, of other recordings; they have
        the weight of `PRIOR_FRAMES` frames.
    """
    means, deviations = np.array(prior, np.float64).T
    rows = tf.ones([batch, 1], tf.float64)
    return Statistics(
        PRIOR_FRAMES * rows,
        rows * (PRIOR_FRAMES * means),
        rows * (PRIOR_FRAMES * (means**2 + deviations**2)),
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
