"""Times steps of ours and of Keras's: called by benchmarks.language_model."""

import json
import sys

import keras
import tensorflow as tf

from apps.language_model.model import LanguageModel
from apps.language_model.vocabulary import FIRST
from benchmarks import language_model as sizes
from benchmarks import timing
from common.training import train_step as step_lib


def main(size, rounds):
    """Prints the milliseconds of each step as JSON."""
    print(json.dumps(measure(int(size), int(rounds))))


def measure(size, rounds):
    """Returns the milliseconds of each step of layers of `size` units."""
    shape = [sizes.STREAMS, sizes.STEPS]
    tokens, targets = (
        tf.random.stateless_uniform(
            shape, [0, i], 0, sizes.VOCABULARY, tf.int32
        )
        for i in range(2)
    )
    anew = tf.zeros([sizes.STREAMS], tf.bool)
    ours, stock = _ours(size), _stock(size)
    ours.compile(keras.optimizers.SGD(sizes.LEARNING_RATE))
    stock.compile(
        keras.optimizers.SGD(sizes.LEARNING_RATE),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    steps = {
        "ours": _step(ours, ({"tokens": tokens, "anew": anew}, targets)),
        "Keras": _step(stock, (tokens, targets)),
    }
    return timing.medians(steps, rounds)


def _ours(size):
    return LanguageModel(
        [str(i) for i in range(sizes.VOCABULARY - FIRST)],
        "word",
        sizes.STREAMS,
        sizes.STEPS,
        vary_unroll=False,
        samples=0,
        embedding_size=size,
        cell="lstm",
        units=size,
        depth=sizes.DEPTH,
        tied=False,
        dropout=0.0,
        input_dropout=0.0,
        hidden_dropout=0.0,
        locked_dropout=False,
        embedding_dropout=0.0,
        weight_dropout=0.0,
        activation_penalty=0.0,
        change_penalty=0.0,
    )


def _stock(size):
    """Returns the same network of Keras's layers, which carry their states."""
    tokens = keras.Input(batch_shape=(sizes.STREAMS, sizes.STEPS))
    vectors = keras.layers.Embedding(sizes.VOCABULARY, size)(tokens)
    for _ in range(sizes.DEPTH):
        layer = keras.layers.LSTM(size, return_sequences=True, stateful=True)
        vectors = layer(vectors)
    logits = keras.layers.Dense(sizes.VOCABULARY)(vectors)
    return keras.Model(tokens, logits)


def _step(model, batch):
    """Returns a function that trains `model` by a batch."""
    model(batch[0])
    model.optimizer.build(model.trainable_variables)
    model.test_step(batch)  # Makes the metrics.
    spec = tf.nest.map_structure(tf.type_spec_from_value, batch)
    norm = keras.metrics.Mean()
    step = step_lib.training_step(model, sizes.CLIP_NORM, norm, spec)
    return lambda: step(batch).numpy()


if __name__ == "__main__":
    main(*sys.argv[1:])
