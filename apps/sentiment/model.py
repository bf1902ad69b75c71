"""Words -> vectors -> recurrent states -> one summary -> probability."""

import pathlib

import keras
import numpy as np
import tensorflow as tf

from common import layers
from common import text
from common.app import AppModel

STEPS = 64  # Of the integral in Classifier.explain.


@keras.saving.register_keras_serializable("unroll")
class Classifier(AppModel, keras.Model):
    """Tells how probably a text is positive.

    Args:
      vocabulary: list of words, the most frequent first.
      max_words: int; words read of each text, half of them from its end.
      embedding_size: int; size of the word vectors.
      cell, units, depth, bidirectional: as of `layers.RecurrentStack`.
      pooling: "last", "mean" or "max": how the states become one vector.
      dropout: float; share of the words that are hidden in training, of the
        features of the remaining ones, and of those of the summary.
    """

    def __init__(
        self,
        vocabulary,
        max_words,
        embedding_size,
        cell,
        units,
        depth,
        bidirectional,
        pooling,
        dropout,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.arguments = {
            "vocabulary": vocabulary,
            "max_words": max_words,
            "embedding_size": embedding_size,
            "cell": cell,
            "units": units,
            "depth": depth,
            "bidirectional": bidirectional,
            "pooling": pooling,
            "dropout": dropout,
        }
        self.tokenize = text.WordTokenizer(vocabulary, max_words)
        self.embed = keras.layers.Embedding(
            self.tokenize.vocabulary_size(), embedding_size
        )
        self.hide_features = keras.layers.SpatialDropout1D(dropout)
        self.read = layers.RecurrentStack(
            cell,
            units,
            depth,
            bidirectional,
            return_sequences=pooling != "last",
        )
        self.pool = None
        if pooling != "last":
            self.pool = layers.MaskedPooling(pooling)
        self.drop = keras.layers.Dropout(dropout)
        self.judge = keras.layers.Dense(1)

    def call(self, tokens, training=False):  # (batch, words) -> (batch,)
        """Returns the log-odds of "positive"."""
        vectors = self.embed(tokens)
        return self.judge_vectors(vectors, tokens > 0, training)

    def judge_vectors(self, vectors, mask, training=False):
        # (batch, words, features), (batch, words) -> (batch,)
        vectors = self.hide_features(vectors, training=training)
        summary = self.read(vectors, mask=mask, training=training)
        if self.pool:
            summary = self.pool(summary, mask=mask)
        return self.judge(self.drop(summary, training=training))[:, 0]

    def preprocess(self, x, y):
        return self.tokenize(x["text"][None])[0], y

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def serve(self, text):
        """Returns the probability that each text is positive."""
        tokens = self.tokenize(text).to_tensor()
        # A batch without texts has no longest one: give it a length of 1.
        missing = tf.cast(tf.equal(tf.size(tokens), 0), tf.int32)
        tokens = tf.pad(tokens, [[0, 0], [0, missing]])
        return {"positive": tf.sigmoid(self(tokens))}

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
        tokens = self.tokenize(text[None])
        vectors = self.embed(tokens.to_tensor())
        mask = tf.ones([STEPS, tf.shape(vectors)[1]], tf.bool)
        shares = (tf.range(STEPS, dtype=tf.float32) + 0.5) / STEPS
        points = shares[:, None, None] * vectors
        with tf.GradientTape() as tape:
            tape.watch(points)
            log_odds = self.judge_vectors(points, mask)
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
            config.embedding_size,
            config.cell,
            config.units,
            config.depth,
            config.bidirectional,
            config.pooling,
            config.dropout,
        )
        if config.embeddings:
            model.start_from(config.embeddings)
        steps = int(train.cardinality()) / config.batch_size * config.epochs
        model.compile(
            optimizer=keras.optimizers.Adam(
                keras.optimizers.schedules.CosineDecay(
                    config.learning_rate, int(steps) + 1
                ),
                global_clipnorm=1.0,
            ),
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
            metrics=[keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)],
        )
        return model
