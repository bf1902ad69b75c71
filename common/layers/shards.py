"""Parts of a batch that run side by side, one on each core."""

import os

import tensorflow as tf

# The most parts of a batch that run side by side. With more than four, the
# products of usual batches become thin.
SHARDS = min(4, os.cpu_count() or 1)
ROWS = 8  # A shard of fewer examples costs more than it gains.


def count(batch):
    """Returns into how many parts to cut a batch, whose size may be None."""
    if tf.config.list_physical_devices("GPU"):  # It needs no cutting.
        return 1
    return SHARDS if batch is None else max(1, min(SHARDS, batch // ROWS))


def split(values, shards, axis=0):
    """Returns for each shard its part of a tensor or of a list of them."""
    if values is None or shards == 1:
        return [values] * shards
    if isinstance(values, list):
        return [list(v) for v in zip(*[split(v, shards, axis) for v in values])]
    batch = tf.shape(values)[axis]
    sizes = [(batch + i) // shards for i in range(shards)]
    return tf.split(values, sizes, axis, num=shards)


def join(shards, axis=0):
    """Returns the tensor, or the list of tensors, of the whole batch."""
    if isinstance(shards[0], list):
        return [join(values, axis) for values in zip(*shards)]
    return shards[0] if len(shards) == 1 else tf.concat(shards, axis)
