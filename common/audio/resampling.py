"""Changes the sample rate, inside the graph, between any two integer rates.

A sample of the output is a weighted sum of the samples of the input around its
time (polyphase filter). The weight at a distance of u samples of the lower rate
is

    rolloff * sinc(rolloff * u) * kaiser(u / width),    |u| <= width,

which passes up to 0.84 of half of the lower rate, and stops from there on. So
there is no delay; before and after the input there are zeros.

Outputs are computed in blocks: the inputs around a block, times a matrix. Where
the rates have the ratio of two small numbers, a few matrices recur for all
blocks; their number is bounded by the length of the output. The weights come
from a table with linear interpolation.

Reference: Crochiere & Rabiner 1983, Multirate Digital Signal Processing.
"""

import math

import numpy as np
import tensorflow as tf

WIDTH = 32  # Of each side of the filter, in samples of the lower rate.
ATTENUATION = 80.0  # dB, from half of the lower rate on.
RESOLUTION = 512  # Entries of the table for each sample.
BLOCK = 32  # Outputs that are computed by one matrix.
CHUNK = 1024  # Blocks at once: their inputs stay in the cache.


def _table() -> np.ndarray:
    """Returns the weights at distances from 0 on, float32."""
    # Kaiser's formulas for the shape of the window and the transition band.
    beta = 0.1102 * (ATTENUATION - 8.7)
    transition = (ATTENUATION - 7.95) / (2.285 * 2 * WIDTH * math.pi)
    rolloff = 1 - transition / 2
    u = np.arange(WIDTH * RESOLUTION + 1) / RESOLUTION
    window = np.i0(beta * np.sqrt(1 - (u / WIDTH) ** 2)) / np.i0(beta)
    weights = rolloff * np.sinc(rolloff * u) * window
    # Zeros beyond the filter, the second one for the interpolation.
    return np.append(weights, [0, 0]).astype(np.float32)


TABLE = _table()


def resample(
    samples: tf.Tensor, rate: tf.Tensor | int, new_rate: tf.Tensor | int
) -> tf.Tensor:
    """Returns samples of another rate, float32 (ceil(time * new / old),).

    Constant signals keep their value, except for the first and the last 32
    samples of the lower rate.

    Args:
      samples: float32 (time,).
      rate: int32 (), samples a second.
      new_rate: int32 (), samples a second of the result.
    """
    return tf.cond(
        rate == new_rate,
        lambda: tf.identity(samples),
        lambda: _resample(
            samples, tf.cast(rate, tf.int64), tf.cast(new_rate, tf.int64)
        ),
    )


def _resample(samples, rate, new_rate):
    # The rates without common factors.
    divisor = _greatest_common_divisor(rate, new_rate)
    old, new = rate // divisor, new_rate // divisor
    time = tf.shape(samples, tf.int64)[0]
    length = -(-time * new // old)
    blocks = -(-length // BLOCK)
    # A row of `kernels` blocks has all matrices. All rows begin at a sample.
    kernels = new // _greatest_common_divisor(new, BLOCK)
    kernels = tf.maximum(tf.minimum(kernels, blocks), 1)
    row_size = kernels * BLOCK * old // new
    rows = -(-blocks // kernels)
    chunk = tf.maximum(tf.minimum(CHUNK // kernels, rows), 1)
    chunks = tf.maximum(-(-rows // chunk), 1)  # Also for no samples.

    kernel, starts, reach = _kernel(old, new, kernels)
    width = tf.shape(kernel, tf.int64)[1]
    places = starts[:, None, None]
    places += row_size * tf.range(chunk)[:, None] + tf.range(width)
    span = row_size * (chunk - 1) + starts[-1] + width
    total = (chunks - 1) * chunk * row_size + span
    end = tf.maximum(total - reach - time, 0)
    padded = tf.pad(samples, [[reach, end]])

    def next_chunk(i, outputs):
        start = i * chunk * row_size
        inputs = tf.gather(padded[start : start + span], places)
        result = tf.matmul(inputs, kernel)  # (kernels, chunk, BLOCK)
        result = tf.reshape(tf.transpose(result, [1, 0, 2]), [-1])
        return i + 1, outputs.write(tf.cast(i, tf.int32), result)

    outputs = tf.TensorArray(tf.float32, tf.cast(chunks, tf.int32))
    _, outputs = tf.while_loop(
        lambda i, _: i < chunks,
        next_chunk,
        (tf.constant(0, tf.int64), outputs),
        parallel_iterations=1,
    )
    return tf.reshape(outputs.stack(), [-1])[:length]


def _greatest_common_divisor(a, b):
    return tf.while_loop(
        lambda a, b: b > 0, lambda a, b: (b, a % b), (a, tf.cast(b, tf.int64))
    )[0]


def _kernel(old, new, kernels):
    """Returns the matrices of a row of blocks.

    Args:
      old: int64, the rate of the input without the common factors.
      new: int64, of the output.
      kernels: int64, the number of matrices.

    Returns:
      float32 (kernels, inputs, BLOCK), int64 (kernels,) the first input of
      each block if `reach` zeros precede the input, and `reach`.
    """
    scale = tf.minimum(tf.cast(new / old, tf.float64), 1)
    reach = tf.cast(tf.math.ceil(WIDTH / scale), tf.int64)
    width = 2 * reach + 2 + (BLOCK - 1) * old // new
    times = tf.range(kernels) * BLOCK * old
    starts = times // new
    # Of each output, from the first input of its block, in inputs.
    times = (times % new)[:, None] + tf.range(BLOCK, dtype=tf.int64) * old
    times = tf.cast(times / new, tf.float32)
    distances = tf.range(width) - reach
    distances = tf.cast(distances, tf.float32)[:, None] - times[:, None]
    places = tf.abs(distances) * tf.cast(scale * RESOLUTION, tf.float32)
    places = tf.minimum(places, len(TABLE) - 2)
    lower = tf.floor(places)
    first = tf.cast(lower, tf.int32)
    table = tf.constant(TABLE)
    below, above = tf.gather(table, first), tf.gather(table, first + 1)
    kernel = below + (places - lower) * (above - below)
    # So that constants keep their value exactly.
    return kernel / tf.reduce_sum(kernel, 1, keepdims=True), starts, reach
