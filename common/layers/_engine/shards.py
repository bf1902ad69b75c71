"""Shards of a batch that run in parallel, one on each core."""

import os

import tensorflow as tf

from common.layers._engine import portability

# Largest number of shards. With more than four, the matrix products of usual
# batches become too small.
MAX_SHARDS = min(4, os.cpu_count() or 1)
MIN_ROWS = 8  # A shard of fewer examples costs more than it gains.


def count(batch: int | None) -> int:
    """Returns the number of shards for a batch; None is an unknown size."""
    if portability.is_portable():
        return 1
    if tf.config.list_physical_devices("GPU"):  # A GPU needs no sharding.
        return 1
    if batch is None:
        return MAX_SHARDS
    return max(1, min(MAX_SHARDS, batch // MIN_ROWS))


def split(
    values: tf.Tensor | list[tf.Tensor] | None, shards: int, axis: int = 0
) -> list:
    """Returns for each shard its part of a tensor or of a list of tensors."""
    if values is None or shards == 1:
        return [values] * shards
    if isinstance(values, list):
        return [list(v) for v in zip(*[split(v, shards, axis) for v in values])]
    batch = tf.shape(values)[axis]
    sizes = [(batch + i) // shards for i in range(shards)]
    return tf.split(values, sizes, axis, num=shards)


def join(shards: list, axis: int = 0) -> tf.Tensor | list[tf.Tensor]:
    """Returns the tensor, or the list of tensors, of the whole batch."""
    if isinstance(shards[0], list):
        return [join(list(values), axis) for values in zip(*shards)]
    return shards[0] if len(shards) == 1 else tf.concat(shards, axis)
