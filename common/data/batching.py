"""Batches of examples of similar length, in a reproducible order."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from common.errors import UserError

if TYPE_CHECKING:
    from common.app_model import AppModel
    from common.config import Config

# Ascending length-bucket boundaries: each batch draws from one bucket, so that
# it has little padding, and XLA compiles the layers for few lengths.
BOUNDARIES = (16, 24, 32, 48, 64, 96, 128, 192, 256, 320, 384, 512, 768, 1024)

Epoch = Callable[[tf.Tensor | None], tf.data.Dataset]


def by_length(
    examples: tf.data.Dataset,
    preprocess: Callable,
    batch_size: int,
    boundaries: Sequence[int] = BOUNDARIES,
    preprocessed_together: int = 256,
) -> Epoch:
    """Returns a function from the seed of an epoch to its batches.

    Examples of the same bucket of lengths share a batch, padded with zeros;
    each epoch has all examples. Without a seed, the order is that of the data
    set.

    Args:
      examples: Raw examples.
      preprocess: See `AppModel.preprocess`; runs once and is cached.
      batch_size: Examples of a batch; the last one may have fewer.
      boundaries: Ascending bucket boundaries of the longest part.
      preprocessed_together: Examples of a call of `preprocess`; few, where
        each needs much memory.
    """
    # AutoGraph would take seconds to convert the functions.
    preprocess = tf.autograph.experimental.do_not_convert(preprocess)
    batched = examples.batch(preprocessed_together)
    tensors = batched.map(preprocess, tf.data.AUTOTUNE).unbatch()
    # A row of a ragged tensor is a tensor; `map` finds that out.
    tensors = tensors.map(lambda *example: example).cache()
    examples_count = count(tensors)

    def epoch(seed):
        if seed is None:
            return _bucketed(tensors, boundaries, batch_size)
        shuffled = tensors.shuffle(examples_count, seed)
        batches = _bucketed(shuffled, boundaries, batch_size)
        return batches.shuffle(-(-examples_count // batch_size), seed)

    return epoch


def _bucketed(tensors, boundaries, batch_size):
    specs = tf.nest.flatten(tensors.element_spec)
    variable = [
        i for i, spec in enumerate(specs) if None in spec.shape.as_list()[:1]
    ]
    if not variable:
        return tensors.batch(batch_size)
    boundaries = list(boundaries)

    def bucket(*example):
        parts = tf.nest.flatten(example)
        length = tf.reduce_max([tf.shape(parts[i])[0] for i in variable])
        return tf.searchsorted(boundaries, [length], out_type=tf.int64)[0]

    # All of one bucket, then all of the next: only the last batch is not
    # full, not one for each bucket.
    grouped = tensors.group_by_window(
        bucket, lambda _, group: group, window_size=tf.int64.max
    )
    return grouped.padded_batch(batch_size)


def validation_batches(
    examples: tf.data.Dataset, model: AppModel, batch_size: int
) -> tf.data.Dataset:
    """Returns the batches of a split in their order, without a seed."""
    return model.batches(examples, batch_size)(None)


def training_batches(
    examples: tf.data.Dataset,
    model: AppModel,
    config: Config,
    first_epoch: int = 0,
    first_step: int = 0,
) -> tuple[tf.data.Dataset, int]:
    """Returns the batches of epoch after epoch, and the steps of an epoch.

    The order of an epoch depends on `config.seed` and the number of the epoch
    alone: the position of a run in its data is two numbers, epoch and step,
    and a resumed run sees the batches that the uninterrupted run saw.
    """
    make = model.batches(examples, config.batch_size)

    def one_epoch(epoch):
        # Of this graph only: with a global seed of 0, tf.data takes no tensor
        # as a seed.
        tf.compat.v1.set_random_seed(1)
        return make(config.seed * 1_000_003 + epoch)

    steps = count(tf.data.Dataset.range(1).flat_map(one_epoch))
    epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
    batched = epochs.flat_map(one_epoch).skip(first_step).prefetch(2)
    options = tf.data.Options()
    # Its thread sleeps for up to ten seconds, and the end waits for it.
    options.autotune.enabled = False
    return batched.with_options(options), steps


def count(dataset: tf.data.Dataset) -> int:
    """Returns the number of elements, by iterating over them."""
    zero = tf.constant(0, tf.int64)
    return int(dataset.reduce(zero, lambda n, *_: n + 1))


def size(examples: tf.data.Dataset) -> int:
    """Returns the number of examples."""
    known = int(examples.cardinality())
    return known if known >= 0 else count(examples)


def refuse_empty(examples: tf.data.Dataset, name: str) -> None:
    """Raises a UserError if there is no example.

    Args:
      examples: Of a split.
      name: The split, for the message.
    """
    if not any(True for _ in examples.take(1)):
        raise UserError(f"The {name} is empty: choose another data set.")


def targets(examples: tf.data.Dataset) -> dict[str, np.ndarray]:
    """Returns the raw targets of all examples, (examples, ...) each."""
    ys = examples.map(lambda x, y: y).batch(1024)
    return concatenated(list(ys.as_numpy_iterator()))


def predictions(
    model: AppModel,
    examples: tf.data.Dataset,
    batch_size: int,
    after_batch: Callable[[], None] = lambda: None,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Returns the targets and the answers of a model, (examples, ...) each.

    Args:
      model: Its `serve` is called.
      examples: Raw examples.
      batch_size: Examples of a call.
      after_batch: Called after each batch.
    """
    ys, answers = [], []
    for x, y in examples.batch(batch_size).prefetch(2):
        outputs = model.serve(**x)
        ys.append({name: value.numpy() for name, value in y.items()})
        answers.append({name: v.numpy() for name, v in outputs.items()})
        after_batch()
    return concatenated(ys), concatenated(answers)


def concatenated(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Returns dicts of arrays joined along the first axis."""
    return {
        name: np.concatenate([part[name] for part in parts])
        for name in parts[0]
    }
