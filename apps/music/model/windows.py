"""Training windows of pieces."""

import tensorflow as tf

from apps.music.model import frames as frames_lib


def cut(
    frames: tf.Tensor, counts: tf.Tensor, size: int
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Cuts pieces into windows.

    The first window of a piece begins with `frames.START`, each further one
    with the last frame of the window before it, which is not a target again.

    Args:
      frames: int32 (batch, frames, width).
      counts: int32 (batch,); frames of each piece.
      size: Frames of a window, of the last one of a piece as many as are left.

    Returns:
      The frames before the targets, and the targets; each ragged (windows,
      frames, width).
    """
    width = frames.shape[-1]
    start = tf.fill([tf.shape(frames)[0], 1, width], frames_lib.START)
    before = tf.concat([start, frames[:, :-1]], 1)
    number = -(-tf.shape(frames)[1] // size)
    room = [[0, 0], [0, number * size - tf.shape(frames)[1]], [0, 0]]
    parts = [
        tf.reshape(tf.pad(part, room), [-1, size, width])
        for part in (before, frames)
    ]
    left = counts[:, None] - tf.range(number) * size
    lengths = tf.reshape(tf.clip_by_value(left, 0, size), [-1])
    kept = lengths > 0
    lengths = tf.boolean_mask(lengths, kept)
    before, targets = (
        tf.RaggedTensor.from_tensor(tf.boolean_mask(part, kept), lengths)
        for part in parts
    )
    return before, targets
