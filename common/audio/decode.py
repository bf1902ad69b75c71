"""Decodes batches of WAV files to one sample rate, inside the graph."""

from typing import NamedTuple

import tensorflow as tf

from common.audio import resampling
from common.audio import wav
from common.images import binary

MAX_BATCH_BYTES = 2**31  # Padding to one long recording multiplies a batch.


class Recordings(NamedTuple):
    """A batch of recordings.

    Attributes:
      samples: float32 (batch, time), from -1 to 1; zeros after the end.
      counts: int32 (batch,), samples of each; 0 if it is unreadable.
      readable: bool (batch,).
    """

    samples: tf.Tensor
    counts: tf.Tensor
    readable: tf.Tensor


@tf.function(
    input_signature=[
        tf.TensorSpec([None], tf.string),
        tf.TensorSpec([], tf.int32),
    ],
    autograph=False,
)
def read(contents: tf.Tensor, rate: tf.Tensor | int) -> Recordings:
    """Returns recordings of one sample rate, padded to the longest one.

    The bits of a recording depend neither on the others nor on its place.
    `wav.check` gives the reason for an unreadable file.

    Args:
      contents: String tensor (batch,), contents of WAV files.
      rate: Samples a second of the result.

    Raises:
      InvalidArgumentError: The batch would be too large.
    """
    count = tf.shape(contents, tf.int64)[0]
    recordings = tf.data.Dataset.from_tensor_slices((tf.range(count), contents))
    recordings = recordings.map(
        lambda row, content: (row, _decode(content, rate)),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    recordings = recordings.ignore_errors().map(
        lambda row, samples: (
            row,
            _require_batch(samples, count),
            tf.shape(samples)[0],
        )
    )
    # A final element, so that there is one even if no recording is readable.
    last = tf.data.Dataset.from_tensors((count, tf.zeros([0]), 0))
    recordings = recordings.concatenate(last)
    recordings = recordings.padded_batch(count + 1, ([], [None], []))
    rows, samples, counts = recordings.get_single_element()
    # Unreadable recordings take the place of the final element.
    final = tf.shape(rows)[0] - 1
    places = tf.tensor_scatter_nd_update(
        tf.fill([count], final), rows[:-1, None], tf.range(final)
    )
    return Recordings(
        tf.gather(samples, places), tf.gather(counts, places), places < final
    )


def _decode(content, rate):
    recording = wav.decode(content)
    return resampling.resample(recording.samples, recording.rate, rate)


def _require_batch(samples, count):
    """Returns the samples; an error if padding to them takes too much."""
    size = tf.shape(samples, tf.int64)[0]
    reason = (
        "A batch of {} recordings would be padded to {} samples each, more "
        f"than {MAX_BATCH_BYTES} bytes: send fewer or shorter ones"
    )
    return binary.require(
        4 * size * count <= MAX_BATCH_BYTES,
        samples,
        tf.strings.format(reason, (count, size)),
    )
