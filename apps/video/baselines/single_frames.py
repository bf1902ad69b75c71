"""The convolutional network of the app, trained on single frames."""

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from apps.video.model import arguments
from apps.video.model import labeler
from common.errors import UserError

# Frames of a batch for each clip of a batch of the model.
FRAMES_PER_CLIP = 24


def predict_labels(
    config: Any,
    frame_count: int,
    train: tf.data.Dataset,
    valid: tf.data.Dataset,
    test: tf.data.Dataset,
) -> np.ndarray:
    """Returns the label of each test frame, (clips, frames).

    The network has the epochs, the learning rates and the early stopping of the
    model, and keeps its best epoch on the validation split.

    Args:
      config: The options of the run.
      frame_count: Number of labeled training frames.
      train: Raw training examples; likewise the others.
      valid: Raw validation examples.
      test: Raw test examples.
    """
    keras.utils.set_random_seed(config.seed)
    config = dataclasses.replace(
        config,
        network=arguments.SINGLE_FRAMES,
        differences=False,
        bidirectional=False,
    )
    batch_size = FRAMES_PER_CLIP * config.batch_size
    steps = -(-int(frame_count) // batch_size)
    model = labeler.FrameLabeler.create(config, train, steps)
    model.fit(
        *_frames(model, train),
        validation_data=_frames(model, valid),
        batch_size=batch_size,
        epochs=config.epochs,
        callbacks=[
            keras.callbacks.EarlyStopping(
                patience=config.patience, restore_best_weights=True
            )
        ],
        verbose=0,
    )
    return _predict(model, test, batch_size)


def _frames(model, examples):
    """Returns inputs and targets of all frames that have a label.

    Each frame is a clip of its own.
    """
    frames, targets = [], []
    for x, y in examples.batch(labeler.DECODED_TOGETHER):
        inputs, ids, weights = model.preprocess(x, y)
        is_labeled = weights.flat_values.numpy() > 0
        frames.append(inputs["frames"].flat_values.numpy()[is_labeled])
        targets.append(ids.flat_values.numpy()[is_labeled])
    frames = np.concatenate(frames)[:, None]
    if not len(frames):
        raise UserError(
            "The training or validation split has no frame with a label that "
            "the model knows: add labeled clips."
        )
    return _inputs(frames), np.concatenate(targets)[:, None]


def _inputs(frames):  # (frames, 1, size, size, 3)
    return {"frames": frames, "present": np.ones(frames.shape[:2], bool)}


def _predict(model, examples, batch_size):
    """Returns the label of each frame, (clips, frames)."""
    names = np.array([n.encode() for n in model.arguments.labels], object)
    answers = []
    for x, y in examples.batch(labeler.DECODED_TOGETHER):
        inputs, _, _ = model.preprocess(x, y)
        frames = inputs["frames"].flat_values.numpy()[:, None]
        padded = np.full(y["labels"].shape, b"", object)
        answers.append(padded)
        if not len(frames):  # All clips are unreadable.
            continue
        logits = model.predict(
            _inputs(frames), batch_size=batch_size, verbose=0
        )
        ends = inputs["frames"].row_splits.numpy()
        likeliest = names[logits[:, 0].argmax(-1)]
        for row, (start, end) in enumerate(zip(ends, ends[1:])):
            count = min(end - start, padded.shape[1])
            padded[row, :count] = likeliest[start : start + count]
    return np.concatenate(answers)
