"""WAV files: where the samples are, and how they are encoded.

`common.audio.riff` has the chunks of a file. The samples are in "data", and how
they are encoded in "fmt ":

    offset  size
    0       2     encoding
    2       2     channels
    4       4     frames a second
    12      2     bytes of a frame
    14      2     bits of a sample
    24      16    if the encoding is 0xFFFE: begins with the actual one

Programs that write to a pipe do not know the size of "data" and leave 0 or
0xFFFFFFFF there: the samples extend to the end of the file.

References: Microsoft and IBM, Multimedia Programming Interface and Data
Specifications 1.0; Microsoft, Multiple Channel Audio Data and WAVE Files.
"""

from typing import Any
from typing import NamedTuple

import tensorflow as tf

from common.audio import encodings
from common.audio import riff
from common.images import binary

MAX_BYTES = 2**30  # Of a file.
MIN_RATE, MAX_RATE = 4_000, 192_000
MAX_SECONDS = 1200  # The words of a longer one would take gigabytes to place.
FORMAT_SIZE, SUB_FORMAT = 16, 24
EXTENSIBLE, PCM, FLOAT = 0xFFFE, 1, 3
REPAIR = "it is cut short or damaged, so copy or export it again"


class Header(NamedTuple):
    """The place and encoding of samples; all are scalar tensors.

    Attributes:
      is_float: bool, whether samples are floating-point numbers.
      width: int32, bytes of a sample.
      channels: int32, number of channels.
      rate: int32, frames a second.
      offset: int32, offset of the first sample in bytes.
      size: int32, bytes of all samples; whole frames.
      missing: int32, bytes that the file promises and does not have.
      is_big_endian: bool, whether numbers are big-endian.
    """

    is_float: Any
    width: Any
    channels: Any
    rate: Any
    offset: Any
    size: Any
    missing: Any
    is_big_endian: Any


def read(content: tf.Tensor) -> Header:
    """Returns the header of a WAV file.

    Args:
      content: String scalar, the file.

    Raises:
      InvalidArgumentError: It is not a WAV file that can be read. The message
        has the reason and the remedy.
    """
    content = _require_wav(content)
    is_big = binary.slice_bytes(content, 0, 4) == riff.BIG_ENDIAN
    form, data, long_size, is_chain = riff.read(content, is_big)
    for name, chunk in [("fmt", form), ("data", data)]:
        content = binary.require(
            chunk.offset >= 0, content, f"has no {name} chunk: {REPAIR}"
        )
    available = tf.strings.length(content) - data.offset
    # Before 0xFFFFFFFF, there may be a size of 64 bits.
    stated = tf.where(data.size == -1, long_size, data.size)
    is_empty = (data.size == 0) & is_chain
    is_streamed = (stated <= 0) | (stated > MAX_BYTES)
    size = tf.where(is_streamed, available, tf.minimum(stated, available))
    size = tf.where(is_empty, 0, size)
    missing = tf.where(is_streamed, 0, stated - size)
    encoding, width, channels, rate = _format(content, form, is_big)
    frames = size // (channels * width)
    seconds = frames // tf.maximum(rate, 1)  # Its check may come later.
    frames = binary.require(
        seconds < MAX_SECONDS,
        frames,
        tf.strings.format(
            f"has {{}} seconds, not less than {MAX_SECONDS}: cut it into "
            "shorter files",
            seconds,
        ),
    )
    return Header(
        encoding == FLOAT,
        width,
        channels,
        rate,
        data.offset,
        frames * channels * width,
        missing,
        is_big,
    )


def _require_wav(content):
    """Returns the file; an error if it is not a WAV file."""
    size = tf.strings.length(content)  # Negative beyond 2 GB.
    for condition, reason in [
        (size != 0, "is empty: check how it was made"),
        (
            (size > 0) & (size <= MAX_BYTES),
            f"has more than {MAX_BYTES} bytes: cut it into shorter files",
        ),
    ]:
        content = binary.require(condition, content, reason)
    magic = binary.slice_bytes(content, 0, 4)
    form = binary.slice_bytes(content, 8, 4)
    is_wav = tf.reduce_any(magic == riff.MAGICS) & (form == riff.WAVE)
    return binary.require(is_wav, content, encodings.not_wav(content))


def _format(content, form, is_big):
    """Returns the encoding, the width, the channels and the rate."""
    content = binary.require(
        (form.size < 0) | (form.size >= FORMAT_SIZE),
        content,
        tf.strings.format(
            f"has an fmt chunk of {{}} bytes, less than {FORMAT_SIZE}: "
            f"{REPAIR}",
            form.size,
        ),
    )
    codes = riff.codes(content, form.offset, SUB_FORMAT + 4)
    pairs = tf.reshape(codes, [-1, 2])
    weights = tf.constant([1, 2**8])
    pairs = tf.reduce_sum(tf.where(is_big, pairs[:, ::-1], pairs) * weights, 1)
    encoding, channels = pairs[0], pairs[1]
    rate = _long(pairs, 2, is_big)
    block, bits = pairs[6], pairs[7]
    sub_format = _long(pairs, SUB_FORMAT // 2, is_big)
    encoding = tf.where(encoding == EXTENSIBLE, sub_format, encoding)
    channels = _require_format(encoding, bits, channels, rate)
    width = (bits + 7) // 8
    # Such as 20 bits in 3 bytes, or 24 in 4: the highest bits.
    container = block // tf.maximum(channels, 1)
    is_wider = (encoding == PCM) & (container > width) & (container <= 4)
    is_wider &= container * channels == block
    return encoding, tf.where(is_wider, container, width), channels, rate


def _require_format(encoding, bits, channels, rate):
    """Returns the channels; an error if a field has no supported value."""
    is_pcm, is_float = encoding == PCM, encoding == FLOAT
    is_bits = (is_pcm & (bits > 0) & (bits <= 32)) | (
        is_float & ((bits == 32) | (bits == 64))
    )
    for condition, reason in [
        (is_pcm | is_float, encodings.not_supported(encoding)),
        (
            is_bits,
            tf.strings.format(
                "has samples of {} bits, not PCM of 8, 16, 24, 32 or float of "
                f"32, 64: {encodings.CONVERT}",
                bits,
            ),
        ),
        (channels > 0, f"has 0 channels: {REPAIR}"),
        (
            (rate >= MIN_RATE) & (rate <= MAX_RATE),
            tf.strings.format(
                f"has a sample rate of {{}} Hz, not {MIN_RATE} to {MAX_RATE} "
                "Hz: resample it, or export it again",
                tf.cast(rate, tf.int64) % 2**32,  # It has no sign.
            ),
        ),
    ]:
        channels = binary.require(condition, channels, reason)
    return channels


def _long(pairs, index, is_big):
    """Returns an integer of 32 bits from two of 16."""
    low = tf.where(is_big, pairs[index + 1], pairs[index])
    high = tf.where(is_big, pairs[index], pairs[index + 1])
    return low + 2**16 * high
