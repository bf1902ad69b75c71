"""The convolutional network of the app, trained on single frames."""

import dataclasses

import keras
import tensorflow as tf

from apps.video.model import labeler
from common.config import Config
from common.data import batching


def train(
    config: Config, train: tf.data.Dataset, valid: tf.data.Dataset
) -> labeler.FrameLabeler:
    """Returns a model that labels each frame by itself.

    It has the epochs, the schedule and the early stopping of the model, and
    keeps its best epoch on the validation split.

    Args:
      config: The options of the run.
      train: Raw training examples.
      valid: Raw validation examples.
    """
    config = dataclasses.replace(
        config,
        network=labeler.SINGLE_FRAMES,
        differences=False,
        bidirectional=False,
    )
    keras.utils.set_random_seed(config.seed)
    steps = -(-batching.size(train) // config.batch_size)
    model = labeler.FrameLabeler.create(config, train, steps)
    batches = model.batches(train, config.batch_size)
    validation = batching.validation_batches(valid, model, config.batch_size)
    losses, best = [], None
    for epoch in range(config.epochs):
        seed = tf.constant(config.seed * 1_000_003 + epoch, tf.int64)
        model.fit(batches(seed), shuffle=False, verbose=0)
        losses.append(model.evaluate(validation, return_dict=True, verbose=0)["loss"])
        if losses[-1] == min(losses):
            best = model.get_weights()
        if len(losses) - losses.index(min(losses)) > config.patience:
            break
    model.set_weights(best)
    return model
