"""Times entity networks; called by benchmarks.qa."""

import json

import keras
import tensorflow as tf

from apps.qa.model import answerer
from benchmarks import qa as sizes
from benchmarks import timing
from common.training import train_step


def main():
    """Prints the milliseconds per step as JSON."""
    calls = {}
    for name, rnn in {"ours": None, "Keras": keras.layers.RNN}.items():
        model = untrained_answerer()
        if rnn:  # The loop of Keras around our cell.
            network = model.network
            network.memory = rnn(network.cell, return_sequences=True)
        calls |= {
            f"{name}: {phase}": call for phase, call in _calls(model).items()
        }
    print(json.dumps(timing.medians(calls, 20)))


def untrained_answerer():
    """Returns an entity network with the sizes of the benchmark."""
    # Padding and unknown words, and unknown answers, have further ids.
    words = [f"{i:04d}" for i in range(sizes.VOCABULARY - 2)]
    options = {
        "units": sizes.UNITS,
        "slots": sizes.SLOTS,
        "dropout": 0.0,
        "max_words": sizes.WORDS,
    }
    arguments = answerer.Arguments(
        vocabulary=words,
        answers=words[: sizes.ANSWERS - 1],
        max_words=sizes.WORDS,
        max_sentences=70,
        model="entity_network",
        options=options,
    )
    return answerer.Answerer(arguments)


def _calls(model):
    """Returns functions that run a training step and answer a batch."""
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
    model.test_step(batch)  # Creates the metrics.
    # As in training: the sizes of batch and story are not static.
    shapes = {"story": [None, None, sizes.WORDS], "question": [None, None]}
    spec = (
        {n: tf.TensorSpec(s, tf.int64) for n, s in shapes.items()},
        tf.TensorSpec([None], tf.int64),
    )
    norm = keras.metrics.Mean()
    train = train_step.training_step(model, 1.0, norm, spec)
    answer = tf.function(model, input_signature=spec[:1])
    return {
        "training": lambda: train(batch).numpy(),
        "answering": lambda: answer(inputs).numpy(),
    }


if __name__ == "__main__":
    main()
