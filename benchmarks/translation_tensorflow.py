"""Times training steps of translators: called by benchmarks.translation."""

import json

import keras
import tensorflow as tf

from apps.translation.model import Translator
from benchmarks import timing
from benchmarks import translation as sizes
from common.generation import losses
from common.text import byte_words
from common.training import train_step as step_lib


def main():
    """Prints the milliseconds of each step as JSON."""
    steps = {
        "ours": _step(translator()),
        "ours without attention": _step(
            translator(attention="none", bidirectional=False, tied=False)
        ),
        "Keras, lstm_seq2seq": _step(lstm_seq2seq()),
    }
    print(json.dumps(timing.medians(steps, 20)))


def translator(**options):
    """Returns our model, with the vocabulary size of the benchmark."""
    words = [f"{i:04d}" for i in range(sizes.VOCABULARY - 259)]
    standard = {
        "max_tokens": 100,
        "embedding_size": sizes.EMBEDDING,
        "cell": "lstm",
        "units": sizes.UNITS,
        "depth": 1,
        "bidirectional": True,
        "residual": False,
        "reverse_source": False,
        "attention": "luong",
        "input_feeding": False,
        "tied": True,
        "dropout": 0.0,
        "teacher_forcing": 1.0,
        "steps": 1,
    }
    tokenizers = byte_words.Words(words), byte_words.Words(words)
    return Translator(*tokenizers, **{**standard, **options})


def lstm_seq2seq():
    """Returns two stock LSTMs; the second starts from the states of the first.

    Reference: Chollet, A ten-minute introduction to sequence-to-sequence
    learning in Keras, 2017; with vectors of tokens in the place of one-hot
    characters.
    """
    source = keras.Input((None,), name="source")
    target = keras.Input((None,), name="target")

    def embedded(tokens):
        return keras.layers.Embedding(sizes.VOCABULARY, sizes.EMBEDDING)(tokens)

    encoder = keras.layers.LSTM(sizes.UNITS, return_state=True)
    _, *states = encoder(embedded(source))
    decoder = keras.layers.LSTM(sizes.UNITS, return_sequences=True)
    outputs = decoder(embedded(target), initial_state=states)
    logits = keras.layers.Dense(sizes.VOCABULARY)(outputs)
    return keras.Model({"source": source, "target": target}, logits)


def _step(model):
    """Returns a function that trains `model` by a batch."""
    model.compile(keras.optimizers.Adam(), losses.TokenCrossentropy())
    seed = iter(range(9))

    def tokens(steps):
        shape = [sizes.BATCH, steps]
        return tf.random.stateless_uniform(
            shape, [0, next(seed)], 3, sizes.VOCABULARY, tf.int32
        )

    inputs = {"source": tokens(sizes.PLACES), "target": tokens(sizes.STEPS)}
    batch = inputs, tokens(sizes.STEPS)
    model(inputs)
    model.optimizer.build(model.trainable_variables)
    model.test_step(batch)  # Makes the metrics.
    spec = tf.nest.map_structure(
        lambda t: tf.TensorSpec([None, None], t.dtype), batch
    )
    norm = keras.metrics.Mean()
    step = step_lib.training_step(model, 1.0, norm, spec)
    return lambda: step(batch).numpy()


if __name__ == "__main__":
    main()
