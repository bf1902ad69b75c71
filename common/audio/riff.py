"""The chunks of a RIFF file, of which WAV is one kind.

A file is a header and a sequence of chunks; little-endian, or big-endian after
"RIFX". A chunk of odd size is followed by a pad byte, which its size leaves
out.

    header                      chunk
    offset  size                offset  size
    0       4   "RIFF"          0       4   name
    4       4   size            4       4   size
    8       4   "WAVE"          8           content

    content of "ds64", after "RF64"
    offset  size
    0       8   size of the file
    8       8   size of "data", which has 0xFFFFFFFF itself

References: Microsoft and IBM, Multimedia Programming Interface and Data
Specifications 1.0; EBU Tech 3306, RF64.
"""

from typing import Any
from typing import NamedTuple

import tensorflow as tf

from common.images import binary

MAGICS = [b"RIFF", b"RIFX", b"RF64", b"BW64"]
BIG_ENDIAN, WAVE = b"RIFX", b"WAVE"
CHUNKS = 12  # Offset of the first one.
CHUNK_HEADER = 8
MAX_CHUNKS = 2**10  # Otherwise a small file could take seconds.
DATA_SIZE_64 = 8  # In the content of ds64.


class Chunk(NamedTuple):
    """A chunk; int32 scalars.

    Attributes:
      offset: Offset of its content; -1 if there is no such chunk.
      size: Size of the content as stated; negative beyond 2 ** 31.
    """

    offset: Any = -1
    size: Any = 0


class Chunks(NamedTuple):
    """The chunks of a WAV file.

    Attributes:
      form: The first chunk "fmt ".
      data: The first chunk "data".
      long_size: int32, size of "data" stated in "ds64"; -1 if there is none,
        or if it is beyond 2 ** 31.
      is_complete: bool, whether the chunks up to "data" (all, if its size is
        0) extend exactly to the end of the file.
    """

    form: Chunk
    data: Chunk
    long_size: Any
    is_complete: Any


def read(content: tf.Tensor, is_big: tf.Tensor) -> Chunks:
    """Returns the chunks up to the samples.

    Args:
      content: String scalar, the file.
      is_big: Whether integers are big-endian.
    """
    end = tf.strings.length(content)
    weights = tf.constant([1, 2**8, 2**16, 2**24])
    size_weights = tf.where(is_big, weights[::-1], weights)

    def next_chunk(more, offset, is_odd, count, form, data, long_size):
        # The pad byte is zero. Without one, a name follows.
        pad = tf.cast(is_odd & (codes(content, offset, 1)[0] == 0), tf.int32)
        offset += pad
        head = codes(content, offset, 2 * CHUNK_HEADER + DATA_SIZE_64)
        name = binary.slice_bytes(content, offset, 4)
        # Beyond 2 ** 31, the size is negative.
        stated = tf.reduce_sum(head[4:8] * size_weights)
        start = offset + CHUNK_HEADER
        is_name = tf.reduce_all((head[:4] >= 32) & (head[:4] < 127))
        is_chunk = (start <= end) & is_name
        low, high = tf.unstack(
            tf.reduce_sum(tf.reshape(head[16:], [2, 4]) * weights, 1)
        )
        is_sizes = is_chunk & (name == b"ds64") & (high == 0)
        this = Chunk(start, stated)
        form = _first(form, this, is_chunk & (name == b"fmt "))
        data = _first(data, this, is_chunk & (name == b"data"))
        rest = end - start
        size = tf.where(stated < 0, rest, tf.minimum(stated, rest))
        is_done = (form.offset >= 0) & (data.offset >= 0) & (data.size != 0)
        offset = tf.where(is_chunk, start + size, offset)
        return (
            is_chunk & ~is_done & (offset < end) & (count < MAX_CHUNKS),
            offset,
            stated % 2 > 0,
            count + 1,
            form,
            data,
            tf.where(is_sizes, low, long_size),
        )

    first = end > CHUNKS, CHUNKS, False, 1, Chunk(), Chunk(), -1
    _, offset, _, _, form, data, long_size = tf.while_loop(
        lambda more, *_: more, next_chunk, first
    )
    return Chunks(form, data, long_size, offset == end)


def _first(chunk, this, is_kind):
    """Returns the first chunk of a kind, maybe this one."""
    is_new = is_kind & (chunk.offset < 0)
    return Chunk(*(tf.where(is_new, new, old) for new, old in zip(this, chunk)))


def codes(content: tf.Tensor, offset: tf.Tensor, count: int) -> tf.Tensor:
    """Returns bytes of a file as int32 (count,); zeros after its end."""
    encoded = binary.slice_bytes(content, offset, count)
    encoded = tf.strings.substr(
        tf.strings.join([encoded, bytes(count)]), 0, count
    )
    return tf.cast(tf.io.decode_raw(encoded, tf.uint8), tf.int32)
