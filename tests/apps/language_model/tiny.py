"""A small model with random weights, for tests that need no training."""

import keras
import numpy as np
import tensorflow as tf

from apps.language_model.config import LanguageModelConfig
from apps.language_model.model import language_model
from apps.language_model.model import streams
from common import app_model

WORDS = ["the", "dog", "dogs", "barks", "bark", "near", "said", "sad"]


def build_model(**options):
    """Returns a model whose weights are large enough to tell words apart."""
    keras.utils.set_random_seed(0)
    config = LanguageModelConfig(
        batch_size=2, units=5, embedding_size=4, unroll_steps=3
    )
    values = {"tokens": WORDS, "samples": 0, **options}
    model = language_model.LanguageModel(
        app_model.arguments_from(language_model.Arguments, config, **values)
    )
    model.build(None)
    for weight in model.trainable_weights:
        weight.assign(tf.random.stateless_normal(weight.shape, [0, 1]) / 2)
    return model


def one_window(steps=5):
    """Returns a window of two streams."""
    ids = np.arange(2 * steps, dtype=np.int32)
    ((x, y),) = streams.windows(ids, 2, steps, False)(None)
    return x, y
