"""Words -> vectors -> recurrent states -> one summary -> probabilities."""

import dataclasses
import pathlib

import keras
import numpy as np
import tensorflow as tf

from apps.sentiment.model import class_weights
from apps.sentiment.model import classes
from apps.sentiment.model import fine_tuning
from apps.sentiment.model import integrated_gradients
from apps.sentiment.model import ngram_evidence as evidence
from apps.sentiment.model import portable
from apps.sentiment.model.arguments import Arguments
from common import app_model
from common import layers
from common.app_model import NamedRows
from common.app_model import TextEncoder
from common.app_model import VocabularyModel
from common.data import batching
from common.errors import UserError
from common.text import word_tokenizer
from common.text import word_vectors
from common.training import optimizers


@keras.saving.register_keras_serializable("unroll")
class Classifier(VocabularyModel, keras.Model):
    """Predicts the probability that a text is positive, or of each class.

    Args:
      arguments: `Arguments`.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.kind = classes.of(arguments.labels, arguments.label_separator)
        self.tokenize = word_tokenizer.WordTokenizer(
            arguments.vocabulary, arguments.max_words
        )
        self.evidence = (
            evidence.NgramEvidence() if arguments.ngram_evidence else None
        )
        # The evidence of the training reviews; set by `create`.
        self.cross_fitted = None
        # Of the labels in the loss; set by `create`.
        self.class_weights = None
        self.embed = keras.layers.Embedding(
            self.tokenize.vocabulary_size(), arguments.embedding_size
        )
        self.hide_words = keras.layers.Dropout(
            arguments.word_dropout, noise_shape=(None, None, 1)
        )
        self.read = layers.RecurrentStack(
            arguments.cell,
            arguments.units,
            arguments.depth,
            arguments.bidirectional,
            return_sequences=arguments.pooling != "last",
        )
        self.pools = [
            layers.MaskedPooling(kind)
            for kind in arguments.pooling.split("_")
            if kind != "last"
        ]
        self.drop = keras.layers.Dropout(arguments.dropout)
        self.judge = keras.layers.Dense(max(1, len(arguments.labels)))

    def build(self, input_shape):
        size = self.arguments.embedding_size
        features = evidence.ORDERS if self.evidence else 0
        of_summary = features if self.arguments.pretrained else 0
        vectors = (None, None, size + features - of_summary)
        summary = self.read.compute_output_shape(vectors)[-1]
        self.embed.build((None, None))
        self.read.build(vectors)
        summary *= max(1, len(self.pools))
        self.judge.build((None, summary + of_summary))

    def call(self, inputs, training=False):
        """Returns the log-odds of "positive", (batch,), or a logit per label.

        Args:
          inputs: A dict of "tokens" (batch, words), 0 for padding, and, with
            `ngram_evidence`, "evidence" (batch, words, 3).
          training: Whether to apply dropout.
        """
        vectors = self.vectors(inputs, training)
        return self.verdict(vectors, inputs["tokens"] > 0, training)

    def vectors(self, inputs, training=False):  # -> (batch, words, features)
        """Returns the input of the recurrent layers for each word."""
        vectors = self.embed(inputs["tokens"])
        vectors = self.hide_words(vectors, training=training)
        if self.evidence:
            vectors = keras.ops.concatenate([vectors, inputs["evidence"]], -1)
        return vectors

    def verdict(self, vectors, mask, training=False):
        """Returns the result of `call` from (batch, words, features)."""
        features = []
        if self.evidence and self.arguments.pretrained:
            size = self.arguments.embedding_size
            features = [evidence.total(vectors[..., size:], mask)]
            vectors = vectors[..., :size]
        summary = self.read(vectors, mask=mask, training=training)
        if self.pools:
            summary = keras.ops.concatenate(
                [pool(summary, mask=mask) for pool in self.pools], -1
            )
        summary = self.drop(summary, training=training)
        logits = self.judge(keras.ops.concatenate([summary, *features], -1))
        return logits if self.arguments.labels else logits[:, 0]

    def preprocess(self, x, y):
        inputs = self.inputs(x["text"], self.cross_fitted)
        targets = self.kind.targets(y["label"])
        if self.class_weights is None:
            return inputs, targets
        return inputs, targets, self.kind.weights(targets, self.class_weights)

    def inputs(self, text, cross_fitted=None):
        """Returns the inputs of `call`, ragged."""
        words = self.tokenize.words(text)
        inputs = {"tokens": self.tokenize.ids(words)}
        if cross_fitted:
            inputs["evidence"] = cross_fitted(text, words)
        elif self.evidence:
            inputs["evidence"] = self.evidence(words)
        return {name: self._in_reading_order(v) for name, v in inputs.items()}

    def _in_reading_order(self, words):
        """Returns ragged (batch, words, ...), reversed if read backward."""
        return tf.reverse(words, [1]) if self.arguments.backward else words

    @tf.function(input_signature=[portable.TEXT], autograph=False)
    def serve(self, text):
        """Returns the probability that each text is positive.

        With names of labels: the likeliest label (batch,), or with a separator
        all likely ones joined by it, and the names and probabilities of all
        labels (batch, labels).
        """
        return self.kind.answers(self.logits(text))

    def logits(self, text):
        """Returns the result of `call` for texts (batch,)."""
        return self({k: _pad(rows) for k, rows in self.inputs(text).items()})

    @tf.function(
        input_signature=[tf.TensorSpec([], tf.string, "text")], autograph=False
    )
    def explain(self, text):
        """Returns the words of a text and their contributions to the log-odds.

        See `integrated_gradients.contributions`. With names of labels, the
        log-odds are those of the likeliest label.
        """
        words = self.tokenize.words(text[None])[0]
        inputs = {k: _pad(rows) for k, rows in self.inputs(text[None]).items()}
        vectors = self.vectors(inputs)
        verdict = self.verdict(vectors, inputs["tokens"] > 0)

        def log_odds(points):
            mask = tf.ones(tf.shape(points)[:2], tf.bool)
            return self.kind.log_odds(self.verdict(points, mask), verdict)

        values = integrated_gradients.contributions(log_odds, vectors[0])
        if self.arguments.backward:
            values = values[::-1]
        return {"words": words, "contributions": values}

    def signatures(self):
        return {"explain": self.explain}

    def set_word_vectors(self, path):
        """Sets the vectors of the words in a GloVe file."""
        self.embed.build((None, None))
        vectors = self.embed.embeddings.numpy()
        places, values = word_vectors.read(
            pathlib.Path(path), self.tokenize.vocabulary, vectors.shape[1]
        )
        # Padding and unknown words come before the first word.
        vectors[np.array(places) + 2] = values
        self.embed.embeddings.assign(vectors)

    def networks(self):
        return portable.networks_of(self)

    def encoder(self):
        words = self.named_rows()["words"]
        return TextEncoder(words, [self.embed, *self.read.stack])

    def named_rows(self):
        return {
            "words": NamedRows(
                self.tokenize.row_names(), [(self.embed.embeddings, 0)]
            ),
            "labels": NamedRows(
                self.arguments.labels or ["positive"],
                app_model.dense_columns(self.judge),
            ),
        }

    def get_config(self):
        return {**super().get_config(), **dataclasses.asdict(self.arguments)}

    @classmethod
    def from_config(cls, config):
        arguments, options = app_model.split_config(Arguments, config)
        return cls(arguments, **options)

    @classmethod
    def create(cls, config, train, steps_per_epoch, start=None):
        if config.backward and config.bidirectional:
            raise UserError(
                "--backward reads in one direction: pass --nobidirectional, "
                "too."
            )
        separator = config.label_separator
        labels = classes.names(train, config.dataset, separator)
        if labels and config.ngram_evidence:
            raise UserError(
                "--ngram_evidence takes labels that mean positive and negative "
                f"(0/1, neg/pos), not {', '.join(labels)}: train without it."
            )
        vocabulary = word_tokenizer.learn_vocabulary(
            train.map(lambda x, y: x["text"]),
            config.vocabulary_size,
            _known_words(start),
        )
        pretrained = start is not None and not isinstance(start, cls)
        model = cls(
            app_model.arguments_from(
                Arguments,
                config,
                vocabulary=vocabulary,
                labels=labels,
                pretrained=pretrained,
            )
        )
        if model.evidence:
            table, model.cross_fitted = evidence.learn(train, model.tokenize)
            model.evidence.table.assign(table)
        model.class_weights = class_weights.of_labels(
            config.class_weights,
            labels,
            batching.targets(train)["label"],
            separator,
        )
        if config.embeddings:
            model.set_word_vectors(config.embeddings)
        model.compile(
            optimizer=model.optimizer_for(config, steps_per_epoch),
            **model.kind.loss_and_metrics(),
        )
        return model

    def optimizer_for(self, config, steps_per_epoch):
        """Returns a new optimizer of the model."""
        rate, epochs = config.learning_rate, config.epochs
        if not self.arguments.pretrained:
            return optimizers.cosine_adam(rate, steps_per_epoch * epochs + 1)
        self.build(None)
        layers = [self.embed, *self.read.stack, self.judge]
        return fine_tuning.optimizer(
            layers[::-1], rate, steps_per_epoch, epochs
        )


def _known_words(start):
    """Returns the words of the start; of a language model, those in use here.

    Words in upper case are never read: texts are in lower case.
    """
    if start is None:
        return ()
    names = start.encoder().words.names
    words = [name for name in names if isinstance(name, str)]
    return [word for word in words if word == word.lower()]


def _pad(rows):
    """Pads ragged rows with zeros, to at least one step.

    A batch without rows has no longest row.
    """
    dense = rows.to_tensor()
    missing = tf.cast(tf.equal(tf.shape(dense)[1], 0), tf.int32)
    return tf.pad(
        dense, [[0, 0], [0, missing]] + [[0, 0]] * (rows.shape.rank - 2)
    )
