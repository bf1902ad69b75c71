"""Runs of frames with the same label, inside the graph."""

import tensorflow as tf


def join_frames(label_ids, probability, present, start, end):
    """Returns the segments of each clip: one for each run of a label.

    Args:
      label_ids: int32 (batch, time).
      probability: Of these labels, float (batch, time).
      present: bool (batch, time); other frames belong to no segment, and
        interrupt none.
      start: Seconds, float (batch, time).
      end: Seconds, float (batch, time).

    Returns:
      A dict of arrays (batch, time): "ids", "frames" (their number),
      "probability" (the mean of its frames), "start" and "end". The segments
      come first; after them, all values are 0.
    """
    order = tf.argsort(tf.cast(~present, tf.int32), stable=True)
    label_ids, probability, present, start, end = (
        tf.gather(values, order, batch_dims=1)
        for values in (label_ids, probability, present, start, end)
    )
    count, time = tf.unstack(tf.shape(label_ids))
    begins = tf.concat(
        [present[:, :1], label_ids[:, 1:] != label_ids[:, :-1]], 1
    )
    place = tf.cumsum(tf.cast(begins, tf.int32), 1) - 1
    place += time * tf.range(count)[:, None]
    place = tf.where(present, place, -1)  # No segment.

    def reduced(reduce, values):
        return tf.reshape(reduce(values, place, count * time), [count, time])

    frames = reduced(tf.math.unsorted_segment_sum, tf.ones_like(label_ids))
    segments = {
        "ids": reduced(tf.math.unsorted_segment_max, label_ids),
        "frames": frames,
        "probability": reduced(tf.math.unsorted_segment_mean, probability),
        "start": reduced(tf.math.unsorted_segment_min, start),
        "end": reduced(tf.math.unsorted_segment_max, end),
    }
    # A maximum of nothing is the lowest number.
    return {
        name: tf.where(frames > 0, values, tf.zeros_like(values))
        for name, values in segments.items()
    }
