"""Tiny configs, data sets and models of the translation app."""

import dataclasses
import functools

import keras
import tensorflow as tf

from apps.translation.config import TranslationConfig
from apps.translation.data import sentences
from apps.translation.model.arguments import Arguments
from apps.translation.model.translator import Translator
from common import app_model
from common.text import learned_tokenizers
from tests import eager

SHORT = [("A cook.", "Ein Koch."), ("Old?", "Alt?"), ("Six.", "Sechs.")]


def config(**options):
    small = {
        "vocabulary_size": 300,
        "embedding_size": 12,
        "units": 16,
        # All sentences of the sample are cut to the same length: XLA compiles
        # the layers once.
        "max_tokens": 20,
        "epochs": 1,
        "batch_size": 16,
    }
    return TranslationConfig(**{**small, **options})


def examples(pairs):
    sources, targets = zip(*pairs)
    return tf.data.Dataset.from_tensor_slices(
        (
            {"text": tf.constant(sources)},
            {"translation": tf.constant(targets)},
        )
    )


def texts(count, seed):
    """Returns source sentences of the sample."""
    return tf.constant([source for source, _ in sentences.pairs(count, seed)])


@functools.cache
def tokenizers(kind="subwords"):
    """Returns the tokenizers of source and target, learned from the sample."""
    sides = zip(*sentences.pairs(60, "tiny"))
    return [
        learned_tokenizers.learn(
            kind, tf.data.Dataset.from_tensor_slices(list(side)), 300
        )
        for side in sides
    ]


def translator(seed=0, **options):
    """Returns a model with random weights."""
    keras.utils.set_random_seed(seed)
    settings = config(**options)
    model = Translator(
        *tokenizers(settings.tokenizer),
        app_model.arguments_from(Arguments, settings, steps=10),
    )
    with eager.functions():
        model(inputs_of(model)[0])
    return model


def inputs_of(model, pairs=SHORT):
    """Returns padded inputs and targets of a training step."""
    batch = next(iter(examples(pairs).batch(len(pairs))))
    inputs, targets = model.preprocess(*batch)
    padded = {name: rows.to_tensor() for name, rows in inputs.items()}
    return padded, targets.to_tensor()


def changed(app, **options):
    """Returns the app with other options."""
    return type(app)(dataclasses.replace(app.config, **options))
