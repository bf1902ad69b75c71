"""Times steps of our model and of Keras's; run by benchmarks.language_model."""

import json
import sys

import keras
import tensorflow as tf

from apps.language_model.model import language_model
from apps.language_model.model import vocabulary
from benchmarks import language_model as sizes
from benchmarks import timing
from common.training import train_step


def main(size, rounds):
    """Prints the milliseconds of each step as JSON."""
    print(json.dumps(measure(int(size), int(rounds))))


def measure(size, rounds):
    """Returns the milliseconds of each step.

    Args:
      size: Units of each layer.
      rounds: Steps of which the median is taken.
    """
    shape = [sizes.STREAMS, sizes.STEPS]
    tokens, targets = (
        tf.random.stateless_uniform(
            shape, [0, i], 0, sizes.VOCABULARY, tf.int32
        )
        for i in range(2)
    )
    reset = tf.zeros([sizes.STREAMS], tf.bool)
    ours, stock = _ours(size), _stock(size)
    ours.compile(keras.optimizers.SGD(sizes.LEARNING_RATE))
    stock.compile(
        keras.optimizers.SGD(sizes.LEARNING_RATE),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    steps = {
        "ours": _step(ours, ({"tokens": tokens, "reset": reset}, targets)),
        "Keras": _step(stock, (tokens, targets)),
    }
    return timing.medians(steps, rounds)


def _ours(size):
    """Returns our model, without dropout or penalties."""
    tokens = sizes.VOCABULARY - vocabulary.FIRST
    return language_model.LanguageModel(
        language_model.Arguments(
            tokens=[str(i) for i in range(tokens)],
            level="word",
            batch_size=sizes.STREAMS,
            unroll_steps=sizes.STEPS,
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
    )


def _stock(size):
    """Returns the same network of stateful Keras layers."""
    tokens = keras.Input(batch_shape=(sizes.STREAMS, sizes.STEPS))
    vectors = keras.layers.Embedding(sizes.VOCABULARY, size)(tokens)
    for _ in range(sizes.DEPTH):
        layer = keras.layers.LSTM(size, return_sequences=True, stateful=True)
        vectors = layer(vectors)
    logits = keras.layers.Dense(sizes.VOCABULARY)(vectors)
    return keras.Model(tokens, logits)


def _step(model, batch):
    """Returns a function that trains `model` on a batch."""
    model(batch[0])
    model.optimizer.build(model.trainable_variables)
    model.test_step(batch)  # Creates the metrics.
    spec = tf.nest.map_structure(tf.type_spec_from_value, batch)
    norm = keras.metrics.Mean()
    step = train_step.training_step(model, sizes.CLIP_NORM, norm, spec)
    return lambda: step(batch).numpy()


if __name__ == "__main__":
    main(*sys.argv[1:])
