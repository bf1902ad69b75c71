"""Batches by length, in an order that comes back."""

import hashlib

import numpy as np
import tensorflow as tf

from common.errors import UserError

# A batch holds examples of similar length, so that little is padding. What
# XLA compiled for the layers serves batches of about the same length.
BUCKETS = [16, 24, 32, 48, 64, 96, 128, 192, 256, 320, 384, 512, 768, 1024]


def batches(
    examples: tf.data.Dataset, model, batch_size: int
) -> tf.data.Dataset:
    """Returns what a training step takes, in batches of similar length."""
    return _batch(_tensors(examples, model), batch_size)


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
    tensors = _tensors(examples, model)
    size = _count(tensors)

    def one_epoch(epoch):
        # Of this graph only: beside a global seed of 0, tf.data takes no
        # tensor as a seed.
        tf.compat.v1.set_random_seed(1)
        seed = config.seed * 1_000_003 + epoch
        batched = _batch(tensors.shuffle(size, seed), config.batch_size)
        return batched.shuffle(-(-size // config.batch_size), seed)

    steps = _count(tf.data.Dataset.range(1).flat_map(one_epoch))
    epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
    batched = epochs.flat_map(one_epoch).skip(first_step).prefetch(2)
    options = tf.data.Options()
    # Its thread sleeps for up to ten seconds, and the end waits for it.
    options.autotune.enabled = False
    return batched.with_options(options), int(steps)


def _count(dataset):
    return dataset.reduce(tf.constant(0, tf.int64), lambda n, *_: n + 1)


def _tensors(examples, model):
    return examples.map(model.preprocess, tf.data.AUTOTUNE).cache()


def _batch(tensors, batch_size):
    first = tf.nest.flatten(tensors.element_spec)[0]
    if first.shape.rank == 0 or first.shape[0] is not None:
        return tensors.batch(batch_size)

    def bucket(*example):
        length = tf.shape(tf.nest.flatten(example)[0])[0]
        return tf.searchsorted(BUCKETS, [length], out_type=tf.int64)[0]

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
    model, examples: tf.data.Dataset, batch_size: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Returns the targets, and what `model.serve` answers, for all examples."""
    targets, outputs = [], []
    for x, y in examples.batch(batch_size).prefetch(2):
        targets.append(y.numpy())
        outputs.append({k: v.numpy() for k, v in model.serve(**x).items()})
    return np.concatenate(targets), {
        name: np.concatenate([output[name] for output in outputs])
        for name in outputs[0]
    }


def fingerprint(examples: tf.data.Dataset) -> str:
    """Returns the SHA-256 of the raw examples, in their order."""
    digest = hashlib.sha256()
    for example in examples:
        for part in tf.nest.flatten(example):
            digest.update(tf.io.serialize_tensor(part).numpy())
    return digest.hexdigest()
