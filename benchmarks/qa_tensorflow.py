"""Times entity networks: called by benchmarks.qa."""

import json

import keras
import tensorflow as tf

from apps.qa.model import Answerer
from benchmarks import qa as sizes
from benchmarks import timing
from common.training import train_step as step_lib


def main():
    """Prints the milliseconds of each step as JSON."""
    calls = {}
    for name, rnn in {"ours": None, "Keras": keras.layers.RNN}.items():
        model = answerer()
        if rnn:  # Keras's loop around our cell.
            network = model.network
            network.memory = rnn(network.cell, return_sequences=True)
        calls |= {
            f"{name}: {what}": call for what, call in _calls(model).items()
        }
    print(json.dumps(timing.medians(calls, 20)))


def answerer():
    """Returns a model that is not trained."""
    # With padding and the unknown, and the answer that none is.
    words = [f"{i:04d}" for i in range(sizes.VOCABULARY - 2)]
    options = {
        "units": sizes.UNITS,
        "slots": sizes.SLOTS,
        "dropout": 0.0,
        "max_words": sizes.WORDS,
    }
    answers = words[: sizes.ANSWERS - 1]
    return Answerer(words, answers, sizes.WORDS, 70, "entity_network", options)


def _calls(model):
    """Returns a step of training, and one of answering."""
    model.compile(
        keras.optimizers.Adam(),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    seed = iter(range(9))

    def numbers(limit, *shape):
        return tf.random.stateless_uniform(
            [sizes.BATCH, *shape], [0, next(seed)], 1, limit, tf.int64
        )

    inputs = {
        "story": numbers(sizes.VOCABULARY, sizes.SENTENCES, sizes.WORDS),
        "question": numbers(sizes.VOCABULARY, sizes.WORDS),
    }
    batch = inputs, numbers(sizes.ANSWERS)
    model(inputs)
    model.optimizer.build(model.trainable_variables)
    model.test_step(batch)  # Makes the metrics.
    # As data.batches gives them: neither batch nor sentences are known.
    shapes = {"story": [None, None, sizes.WORDS], "question": [None, None]}
    spec = (
        {n: tf.TensorSpec(s, tf.int64) for n, s in shapes.items()},
        tf.TensorSpec([None], tf.int64),
    )
    norm = keras.metrics.Mean()
    train = step_lib.training_step(model, 1.0, norm, spec)
    answer = tf.function(model, input_signature=spec[:1])
    return {
        "training": lambda: train(batch).numpy(),
        "answering": lambda: answer(inputs).numpy(),
    }


if __name__ == "__main__":
    main()
