"""Training windows of pieces."""

import tensorflow as tf

from apps.music.model import frames as frames_lib


def cut(
    frames: tf.Tensor, counts: tf.Tensor, size: int
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Cuts pieces into the fewest windows of about the same length.

    A rest of a few frames would weigh as much in a batch as a whole window.
    The first window of a piece begins with `frames.START`, each further one
    with the last frame of the window before it, which is not a target again.

    Args:
      frames: int32 (batch, frames, width).
      counts: int32 (batch,); frames of each piece.
      size: Frames of the longest window.

    Returns:
      The frames before the targets, and the targets; each ragged (windows,
      frames, width).
    """
    start = tf.fill(
        [tf.shape(frames)[0], 1, frames.shape[-1]], frames_lib.START
    )
    before = tf.concat([start, frames[:, :-1]], 1)
    starts, lengths = _bounds(counts, size)
    places = starts[..., None] + tf.range(size)
    places = tf.minimum(places, tf.maximum(tf.shape(frames)[1] - 1, 0))
    is_window = lengths > 0
    lengths = tf.boolean_mask(lengths, is_window)
    before, targets = (
        tf.RaggedTensor.from_tensor(
            tf.boolean_mask(tf.gather(part, places, batch_dims=1), is_window),
            lengths,
        )
        for part in (before, frames)
    )
    return before, targets


def count(counts: tf.Tensor, size: int) -> tf.Tensor:
    """Returns the number of windows of each piece, int32 (batch,)."""
    return -(-counts // size)


def _bounds(counts, size):
    """Returns starts and lengths of windows, (batch, windows) each."""
    numbers = count(counts, size)
    lengths = -(-counts // tf.maximum(numbers, 1))[:, None]
    order = tf.range(tf.reduce_max(tf.concat([[0], numbers], 0)))
    starts = order * lengths
    return starts, tf.clip_by_value(counts[:, None] - starts, 0, lengths)
