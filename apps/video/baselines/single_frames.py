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
    batches, steps = batching.training_batches(train, model, config)
    stopping = keras.callbacks.EarlyStopping(
        patience=config.patience, restore_best_weights=True
    )
    model.fit(
        batches,
        epochs=config.epochs,
        steps_per_epoch=steps,
        validation_data=batching.validation_batches(
            valid, model, config.batch_size
        ),
        callbacks=[stopping],
        verbose=0,
    )
    return model
