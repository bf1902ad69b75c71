"""Decodes WAV files, inside the graph, so that a SavedModel takes their bytes.

Integer samples of 8, 16, 24 and 32 bits, floating-point ones of 32 and 64, any
number of channels; also WAVE_FORMAT_EXTENSIBLE, RIFX and RF64.
"""

import functools
from typing import NamedTuple

import tensorflow as tf

from common.audio import wav_header
from common.images import binary

MAX_SAMPLE = 2.0**32  # Squares of Fourier coefficients remain finite.


class Recording(NamedTuple):
    """The sound of a file.

    Attributes:
      samples: float32 (time,), one channel; full scale is -1 to 1.
      rate: int32 (), samples a second.
      missing: int32 (), bytes of samples that the header promises and the file
        does not have; 0 if it is complete.
    """

    samples: tf.Tensor
    rate: tf.Tensor
    missing: tf.Tensor


@tf.function(
    input_signature=[tf.TensorSpec([], tf.string)],
    autograph=False,
)
def decode(content: tf.Tensor) -> Recording:
    """Returns the sound of a WAV file.

    Channels are mixed to their mean; those that consist of zeros are left out,
    so that a silent channel does not halve the signal. Samples that are not a
    number, infinite, or beyond 2 ** 32 become zero: a few damaged ones do not
    cost a recording. A file that is cut off is read as far as it goes.

    Args:
      content: String scalar, the file.

    Raises:
      InvalidArgumentError: It cannot be read; `check` gives the reason.
    """
    header = wav_header.read(content)
    encoded = tf.strings.substr(content, header.offset, header.size)
    kinds = [_unsigned, *map(_signed, (2, 3, 4)), *map(_float, (4, 8))]
    # Of the width and of whether it is a float.
    kind = tf.where(header.is_float, 3 + header.width // 4, header.width - 1)
    samples = tf.switch_case(
        kind,
        [
            functools.partial(decoder, encoded, header.is_big_endian)
            for decoder in kinds
        ],
    )
    samples = tf.cond(
        header.channels == 1,
        lambda: samples,
        lambda: _mix(tf.reshape(samples, [-1, header.channels])),
    )
    return Recording(samples, header.rate, header.missing)


def check(content: bytes) -> int:
    """Returns the bytes that are missing at the end of a file, usually 0.

    Raises:
      ValueError: `decode` cannot read it; the message is the reason.
    """
    try:
        return int(_read_header(tf.constant(content)).missing)
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(binary.reason(error)) from error


_read_header = tf.function(
    wav_header.read,
    input_signature=[tf.TensorSpec([], tf.string)],
    autograph=False,
)


def _unsigned(encoded, is_big_endian):
    codes = tf.io.decode_raw(encoded, tf.uint8)
    return (tf.cast(codes, tf.float32) - 128) / 128


def _signed(width):
    def decoder(encoded, is_big_endian):
        codes = _bytes(encoded, is_big_endian, width)
        if width == 3:  # The highest bytes of 4.
            codes = tf.pad(codes, [[0, 0], [1, 0]])
        dtype = tf.int16 if width == 2 else tf.int32
        codes = tf.bitcast(codes, dtype)
        return tf.cast(codes, tf.float32) / -float(dtype.min)

    return decoder


def _float(width):
    def decoder(encoded, is_big_endian):
        dtype = tf.float32 if width == 4 else tf.float64
        codes = _bytes(encoded, is_big_endian, width)
        samples = tf.cast(tf.bitcast(codes, dtype), tf.float32)
        return tf.where(tf.abs(samples) <= MAX_SAMPLE, samples, 0)

    return decoder


def _bytes(encoded, is_big_endian, width):
    """Returns the bytes of samples, uint8 (samples, width), little-endian."""
    codes = tf.reshape(tf.io.decode_raw(encoded, tf.uint8), [-1, width])
    return tf.cond(is_big_endian, lambda: codes[:, ::-1], lambda: codes)


def _mix(samples):  # (time, channels) -> (time,)
    has_sound = tf.reduce_any(samples != 0, 0)
    count = tf.math.count_nonzero(has_sound, dtype=tf.float32)
    # Faster than the sum over a short axis.
    total = tf.linalg.matvec(samples, tf.ones([tf.shape(samples)[1]]))
    return total / tf.maximum(count, 1)
