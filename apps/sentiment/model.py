"""Words -> vectors -> recurrent states -> one summary -> probability."""

import pathlib

import keras
import numpy as np
import tensorflow as tf

from apps.sentiment import evidence
from common import layers
from common import text
from common.app_model import AppModel

STEPS = 64  # Of the integral in Classifier.explain.


@keras.saving.register_keras_serializable("unroll")
class Classifier(AppModel, keras.Model):
    """Tells how probably a text is positive.

    Args:
      vocabulary: list of words, the most frequent first.
      max_words: int; words read of each text, half of them from its end.
      ngram_evidence: whether the network reads, beside the vector of each
        word, which way the n-grams that end with it lean.
      embedding_size: int; size of the word vectors.
      cell, units, depth, bidirectional: as of `layers.RecurrentStack`.
      pooling: "last", "mean", "max" or "mean_max": how the states become one
        vector.
      dropout: float; share of the summary's features hidden in training.
      word_dropout: float; share of the word vectors hidden in training.
    """

    def __init__(
        self,
        vocabulary,
        max_words,
        ngram_evidence,
        embedding_size,
        cell,
        units,
        depth,
        bidirectional,
        pooling,
        dropout,
        word_dropout,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.arguments = {
            "vocabulary": vocabulary,
            "max_words": max_words,
            "ngram_evidence": ngram_evidence,
            "embedding_size": embedding_size,
            "cell": cell,
            "units": units,
            "depth": depth,
            "bidirectional": bidirectional,
            "pooling": pooling,
            "dropout": dropout,
            "word_dropout": word_dropout,
        }
        self.tokenize = text.WordTokenizer(vocabulary, max_words)
        self.evidence = evidence.NgramEvidence() if ngram_evidence else None
        self.cross_fitted = None
        self.embed = keras.layers.Embedding(
            self.tokenize.vocabulary_size(), embedding_size
        )
        self.hide_words = keras.layers.Dropout(
            word_dropout, noise_shape=(None, None, 1)
        )
        self.read = layers.RecurrentStack(
            cell,
            units,
            depth,
            bidirectional,
            return_sequences=pooling != "last",
        )
        self.pools = [
            layers.MaskedPooling(kind)
            for kind in pooling.split("_")
            if kind != "last"
        ]
        self.drop = keras.layers.Dropout(dropout)
        self.judge = keras.layers.Dense(1)

    def build(self, input_shape):
        size = self.arguments["embedding_size"]
        size += evidence.ORDERS if self.evidence else 0
        vectors = (None, None, size)
        summary = self.read.compute_output_shape(vectors)[-1]
        self.embed.build((None, None))
        self.read.build(vectors)
        self.judge.build((None, summary * max(1, len(self.pools))))

    def call(self, inputs, training=False):
        """Returns the log-odds of "positive", (batch,).

        Args:
          inputs: a dict of the tokens (batch, words), 0 for padding, and,
            with `ngram_evidence`, the evidence (batch, words, 3).
          training: whether to apply dropout.
        """
        vectors = self.vectors(inputs, training)
        return self.verdict(vectors, inputs["tokens"] > 0, training)

    def vectors(self, inputs, training=False):  # -> (batch, words, features)
        """Returns what the recurrent layers read of each word."""
        vectors = self.embed(inputs["tokens"])
        vectors = self.hide_words(vectors, training=training)
        if self.evidence:
            vectors = keras.ops.concatenate([vectors, inputs["evidence"]], -1)
        return vectors

    def verdict(self, vectors, mask, training=False):
        """Returns log-odds from (batch, words, features), (batch, words)."""
        summary = self.read(vectors, mask=mask, training=training)
        if self.pools:
            summary = keras.ops.concatenate(
                [pool(summary, mask=mask) for pool in self.pools], -1
            )
        return self.judge(self.drop(summary, training=training))[:, 0]

    def preprocess(self, x, y):
        return self.inputs(x["text"], self.cross_fitted), y

    def inputs(self, text, cross_fitted=None):
        """Returns what `call` takes, ragged."""
        words = self.tokenize.words(text)
        inputs = {"tokens": self.tokenize.ids(words)}
        if cross_fitted:
            inputs["evidence"] = cross_fitted(text, words)
        elif self.evidence:
            inputs["evidence"] = self.evidence(words)
        return inputs

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def serve(self, text):
        """Returns the probability that each text is positive."""
        inputs = {k: _pad(rows) for k, rows in self.inputs(text).items()}
        return {"positive": tf.sigmoid(self(inputs))}

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def explain(self, text):
        """Returns the words of a text, and how each moves the log-odds.

        Integrated gradients along the straight line from zero vectors to
        those of the words: the values add up to the log-odds of the text less
        those of a text of zero vectors.

        Reference: Sundararajan et al., Axiomatic Attribution for Deep
        Networks, 2017.
        """
        words = self.tokenize.words(text[None])[0]
        inputs = {k: _pad(rows) for k, rows in self.inputs(text[None]).items()}
        vectors = self.vectors(inputs)
        mask = tf.ones([STEPS, tf.shape(vectors)[1]], tf.bool)
        shares = (tf.range(STEPS, dtype=tf.float32) + 0.5) / STEPS
        points = shares[:, None, None] * vectors
        with tf.GradientTape() as tape:
            tape.watch(points)
            log_odds = self.verdict(points, mask)
        slope = tf.reduce_mean(tape.gradient(log_odds, points), axis=0)
        return words, tf.reduce_sum(slope * vectors[0], axis=-1)

    def start_from(self, path):
        """Sets the vectors of the words that a GloVe file holds."""
        self.embed.build((None, None))
        vectors = self.embed.embeddings.numpy()
        places, found = text.read_vectors(
            pathlib.Path(path), self.tokenize.vocabulary, vectors.shape[1]
        )
        # Before the first word: padding and the unknown.
        vectors[np.array(places) + 2] = found
        self.embed.embeddings.assign(vectors)

    def get_config(self):
        return {**super().get_config(), **self.arguments}

    @classmethod
    def create(cls, config, train):
        texts = train.map(lambda x, y: x["text"])
        model = cls(
            text.learn_vocabulary(texts, config.vocabulary_size),
            config.max_words,
            config.ngram_evidence,
            config.embedding_size,
            config.cell,
            config.units,
            config.depth,
            config.bidirectional,
            config.pooling,
            config.dropout,
            config.word_dropout,
        )
        if model.evidence:
            table, model.cross_fitted = evidence.learn(train, model.tokenize)
            model.evidence.table.assign(table)
        if config.embeddings:
            model.start_from(config.embeddings)
        steps = int(train.cardinality()) / config.batch_size * config.epochs
        model.compile(
            optimizer=keras.optimizers.Adam(
                keras.optimizers.schedules.CosineDecay(
                    config.learning_rate, int(steps) + 1
                )
            ),
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
            metrics=[keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)],
        )
        return model


def _pad(rows):
    """Returns ragged rows with zeros behind, at least one step long.

    A batch without rows has no longest one.
    """
    dense = rows.to_tensor()
    missing = tf.cast(tf.equal(tf.shape(dense)[1], 0), tf.int32)
    return tf.pad(
        dense, [[0, 0], [0, missing]] + [[0, 0]] * (rows.shape.rank - 2)
    )
