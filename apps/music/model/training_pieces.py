"""Properties of the training pieces that a composer needs."""

import tensorflow as tf

from apps.music.model import frames as frames_lib
from apps.music.model import windows

TOGETHER = 16  # Pieces of a batch, padded to the longest one.


def frames_per_beat(train):
    """Returns the number of frames of a quarter note."""
    ((_, y),) = train.take(1)
    return int(y["frames_per_beat"])


def count_windows(train, size):
    """Returns the number of training windows; see `windows.cut`."""
    return sum(
        int(tf.reduce_sum(windows.count(frames_lib.counts(pieces), size)))
        for x, _ in train.batch(TOGETHER)
        for pieces in x.values()
    )


def ranges(network, train):
    """Returns the lowest and highest index of pitch of each voice."""
    lowest, highest = frames_lib.PITCHES, 0
    for x, _ in train.batch(TOGETHER):
        indices = _indices(network, **x)
        flat = tf.reshape(indices, [-1, indices.shape[-1]])
        lows = tf.where(flat > 0, flat, frames_lib.PITCHES)
        lowest = tf.minimum(lowest, tf.reduce_min(lows, 0))
        highest = tf.maximum(highest, tf.reduce_max(flat, 0))
    lowest = tf.minimum(lowest, highest)  # Of a voice that is never heard.
    return tf.stack([lowest, highest], -1).numpy().tolist()


def _indices(network, roll=None, voices=None):
    """Returns the indices of the pitches that sound, (pieces, frames, n)."""
    if network == "voices":
        return frames_lib.indices(voices)
    keys = frames_lib.keys(roll)
    if network == "melody":
        return frames_lib.highest(keys)
    # One range for all keys.
    return (keys * tf.range(1, frames_lib.PITCHES))[..., None]
