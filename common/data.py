"""Batches by length, in an order that comes back."""

import hashlib
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from common.errors import UserError


def batches(
    examples: tf.data.Dataset, model, batch_size: int
) -> tf.data.Dataset:
    """Returns what a training step takes, in batches of similar length."""
    if one_epoch := model.in_order(examples, batch_size):
        batched = one_epoch(None)
    else:
        tensors = _tensors(examples, model)
        batched = _batch(tensors, model.buckets, batch_size)
    return batched.map(model.fetch, tf.data.AUTOTUNE)


def training_batches(
    examples: tf.data.Dataset,
    model,
    config,
    first_epoch: int = 0,
    first_step: int = 0,
) -> tuple[tf.data.Dataset, int]:
    """Returns the batches of epoch after epoch, and how many an epoch has.

    The order of an epoch depends on `config.seed` and the number of the epoch
    alone, so that a continued run sees what the uninterrupted one saw: its
    position in the data is two numbers, those of the epoch and the step.
    """
    make = _epochs(examples, model, config.batch_size)

    def one_epoch(epoch):
        # Of this graph only: beside a global seed of 0, tf.data takes no
        # tensor as a seed.
        tf.compat.v1.set_random_seed(1)
        return make(config.seed * 1_000_003 + epoch)

    steps = _count(tf.data.Dataset.range(1).flat_map(one_epoch))
    epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
    batched = epochs.flat_map(one_epoch).skip(first_step)
    batched = batched.map(model.fetch, 2).prefetch(2)
    options = tf.data.Options()
    # Its thread sleeps for up to ten seconds, and the end waits for it.
    options.autotune.enabled = False
    return batched.with_options(options), int(steps)


def _epochs(examples, model, batch_size):
    """Returns what makes the batches of an epoch of its seed."""
    if in_order := model.in_order(examples, batch_size):
        return in_order
    tensors = _tensors(examples, model)
    size = _count(tensors)

    def shuffled(seed):
        batched = _batch(tensors.shuffle(size, seed), model.buckets, batch_size)
        return batched.shuffle(-(-size // batch_size), seed)

    return shuffled


def _count(dataset):
    return dataset.reduce(tf.constant(0, tf.int64), lambda n, *_: n + 1)


def _tensors(examples, model):
    model.prepare(examples)
    batched = examples.batch(256)
    tensors = batched.map(model.preprocess, tf.data.AUTOTUNE).unbatch()
    # A row of a ragged tensor is a tensor; `map` finds that out.
    return tensors.map(lambda *example: example).cache()


def _batch(tensors, buckets, batch_size):
    specs = tf.nest.flatten(tensors.element_spec)
    differing = [
        i for i, spec in enumerate(specs) if None in spec.shape.as_list()[:1]
    ]
    if not differing:
        return tensors.batch(batch_size)
    buckets = list(buckets)

    def bucket(*example):
        parts = tf.nest.flatten(example)
        length = tf.reduce_max([tf.shape(parts[i])[0] for i in differing])
        return tf.searchsorted(buckets, [length], out_type=tf.int64)[0]

    # All of one bucket, then all of the next: a single batch is not full,
    # not one for each bucket.
    sorted_ = tensors.group_by_window(
        bucket, lambda _, group: group, window_size=tf.int64.max
    )
    return sorted_.padded_batch(batch_size)


def refuse_empty(examples: tf.data.Dataset, what: str) -> None:
    """Raises UserError if there is not one example."""
    if not any(True for _ in examples.take(1)):
        raise UserError(f"The {what} is empty: choose another data set.")


def answers(
    model,
    examples: tf.data.Dataset,
    batch_size: int,
    between: Callable = lambda: None,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Returns the targets, and what the model answers, for all examples.

    Args:
      model: its `serve` and `assess` are asked.
      examples: raw ones.
      batch_size: how many are asked at once.
      between: is called after each batch.
    """
    targets, outputs = [], []
    for x, y in examples.batch(batch_size).prefetch(2):
        found = {**model.serve(**x), **model.assess(x, y)}
        targets.append(y.numpy())
        outputs.append({name: value.numpy() for name, value in found.items()})
        between()
    return np.concatenate(targets), {
        name: np.concatenate([output[name] for output in outputs])
        for name in outputs[0]
    }


def fingerprint(examples: tf.data.Dataset) -> str:
    """Returns the SHA-256 of the raw examples, in their order."""

    def serialized(*example):
        parts = tf.nest.flatten(example)
        return tf.stack([tf.io.serialize_tensor(part) for part in parts])

    digest = hashlib.sha256()
    batches = examples.map(serialized, tf.data.AUTOTUNE).batch(1024)
    for batch in batches.as_numpy_iterator():
        for part in batch.ravel():
            digest.update(part)
    return digest.hexdigest()
