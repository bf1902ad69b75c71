"""Small composers with random weights."""

import functools

import keras
import numpy as np
import tensorflow as tf

from apps.music.model.arguments import Arguments
from apps.music.model.composer import Composer

VOICE_RANGES = [[40, 60], [35, 55], [28, 48], [20, 40]]


def create(network="nade", **changed):
    """Returns a built composer."""
    keras.utils.set_random_seed(1)
    voices = {"voices": VOICE_RANGES, "melody": VOICE_RANGES[:1]}
    values = {
        "network": network,
        "frames_per_beat": 2,
        "ranges": voices.get(network, [[20, 60]]),
        "cell": "gru",
        "units": 6,
        "depth": 1,
        "frame_units": 5,
        "attention_frames": 0,
        "dropout": 0.0,
        "transpose": 3,
        "window": 8,
    }
    model = Composer(Arguments(**{**values, **changed}))
    model.build(None)
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(size=weight.shape, scale=0.5))
    return model


# The same for all tests, with its graphs.
composer = functools.cache(create)


def roll(frames, rows=1, seed=0):
    """Returns random rolls, int32 (rows, frames, 88)."""
    rng = np.random.default_rng(seed)
    return tf.constant(rng.random([rows, frames, 88]) < 0.05, tf.int32)


def voices(frames, rows=1, seed=0):
    """Returns random pitches within the ranges, int32 (rows, frames, 4)."""
    rng = np.random.default_rng(seed)
    columns = [
        rng.integers(low + 20, high + 21, [rows, frames])
        for low, high in VOICE_RANGES
    ]
    return tf.constant(np.stack(columns, -1), tf.int32)
