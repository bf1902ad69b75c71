"""Kinds of labels: positive or negative, one of many, any of many.

Each kind has the same methods: targets, their weights, the loss, the answers
and the log-odds that explanations divide among the words.
"""

import keras
import numpy as np
import tensorflow as tf

from apps.sentiment.model import indicators
from common.data import batching
from common.errors import UserError


def of(labels, separator):
    """Returns the kind of labels.

    Args:
      labels: Their names; empty for positive and negative.
      separator: Between the labels of a text; empty if a text has one.
    """
    if separator:
        return AnyOfMany(labels, separator)
    return OneOfMany(labels) if labels else PositiveOrNegative()


class PositiveOrNegative:
    """Labels 1 and 0, and one logit: the log-odds of 1."""

    labels = ()

    def targets(self, label):  # (batch,) -> (batch, ...)
        """Returns the targets of the loss."""
        return label

    def weights(self, targets, class_weights):
        """Returns the weights of the targets in the loss."""
        return tf.gather(class_weights, tf.cast(targets, tf.int32))

    def loss_and_metrics(self):
        """Returns the arguments of `compile` that depend on the labels."""
        return {
            "loss": keras.losses.BinaryCrossentropy(from_logits=True),
            "metrics": [
                keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)
            ],
        }

    def answers(self, logits):  # (batch,) or (batch, labels)
        """Returns the outputs of `Classifier.serve`."""
        return {"positive": tf.sigmoid(logits)}

    def combined(self, logits):  # (classifiers, ...) -> (...)
        """Returns the logits of the mean of the probabilities."""
        return _log_odds_of_mean(logits)

    def log_odds(self, logits, likeliest):  # (rows, ...) -> (rows,)
        """Returns the log-odds to explain.

        Args:
          logits: Of texts between nothing and the explained one.
          likeliest: Logits of the explained text, whose likeliest label is
            explained; (1, labels).
        """
        return logits


class OneOfMany:
    """One name for each text, and a logit per name: the softmax."""

    def __init__(self, labels):
        self.labels = labels

    def targets(self, label):
        is_label = label[:, None] == tf.constant(self.labels)
        return tf.argmax(tf.cast(is_label, tf.int32), -1)

    def weights(self, targets, class_weights):
        return tf.gather(class_weights, targets)

    def loss_and_metrics(self):
        return {
            "loss": keras.losses.SparseCategoricalCrossentropy(
                from_logits=True
            ),
            "metrics": [keras.metrics.SparseCategoricalAccuracy("accuracy")],
        }

    def answers(self, logits):
        return {
            "label": tf.gather(self.labels, tf.argmax(logits, -1)),
            "labels": tf.broadcast_to(self.labels, tf.shape(logits)),
            "probabilities": tf.nn.softmax(logits),
        }

    def combined(self, logits):
        return tf.reduce_logsumexp(tf.nn.log_softmax(logits), axis=0)

    def log_odds(self, logits, likeliest):
        label = tf.argmax(likeliest[0])
        is_other = tf.range(logits.shape[-1], dtype=tf.int64) != label
        against = tf.boolean_mask(logits, is_other, axis=1)
        return logits[:, label] - tf.reduce_logsumexp(against, axis=1)


class AnyOfMany:
    """Any number of names for each text, and the log-odds of each name."""

    def __init__(self, labels, separator):
        self.labels, self.separator = labels, separator

    def targets(self, label):
        names = tf.strings.split(label, self.separator).to_tensor()
        is_label = names[:, :, None] == tf.constant(self.labels)
        return tf.cast(tf.reduce_any(is_label, axis=1), tf.float32)

    def weights(self, targets, class_weights):
        return tf.where(targets > 0.5, class_weights, 1.0)

    def loss_and_metrics(self):
        accuracy = keras.metrics.MeanMetricWrapper(all_correct, "accuracy")
        return {"loss": EachLabelCrossentropy(), "metrics": [accuracy]}

    def answers(self, logits):
        labels = tf.broadcast_to(self.labels, tf.shape(logits))
        probabilities = tf.sigmoid(logits)
        likely = tf.ragged.boolean_mask(labels, probabilities >= 0.5)
        return {
            "label": tf.strings.reduce_join(
                likely, axis=1, separator=self.separator
            ),
            "labels": labels,
            "probabilities": probabilities,
        }

    def combined(self, logits):
        return _log_odds_of_mean(logits)

    def log_odds(self, logits, likeliest):
        return logits[:, tf.argmax(likeliest[0])]


def _log_odds_of_mean(log_odds):
    """Returns the log-odds of the mean probability, over the first axis."""
    for_it = tf.reduce_logsumexp(tf.math.log_sigmoid(log_odds), axis=0)
    against = tf.reduce_logsumexp(tf.math.log_sigmoid(-log_odds), axis=0)
    return for_it - against


@keras.saving.register_keras_serializable("unroll")
class EachLabelCrossentropy(keras.losses.Loss):
    """Sigmoid cross-entropy: the mean over texts and labels.

    Weights are those of each text and label.
    """

    def call(self, y_true, y_pred):  # (batch, labels) each, and the result
        return tf.nn.sigmoid_cross_entropy_with_logits(
            tf.cast(y_true, y_pred.dtype), y_pred
        )


@keras.saving.register_keras_serializable("unroll")
def all_correct(y_true, y_pred):  # (batch, labels) -> (batch,)
    """Returns 1.0 for texts with exactly the right labels at the log-odds 0."""
    is_correct = (y_true > 0.5) == (y_pred >= 0)
    return tf.cast(tf.reduce_all(is_correct, axis=-1), tf.float32)


def names(train, source, separator=""):
    """Returns the names of the labels, or [] if these are 0 and 1.

    Args:
      train: Raw training examples.
      source: Their data set, for messages.
      separator: Between the labels of a text; empty if a text has one.

    Raises:
      UserError: Nothing distinguishes the texts by their labels.
    """
    labels = batching.targets(train)["label"]
    if separator:
        return _separated(labels, source, separator)
    classes = sorted(set(labels))
    is_named = labels.dtype == object
    if len(classes) == 1:
        label = classes[0].decode() if is_named else int(classes[0])
        raise UserError(
            f"{source}: all {len(labels):,} training texts have the label "
            f"{label}, and a classifier needs two classes: add texts with "
            "another one."
        )
    return [label.decode() for label in classes] if is_named else []


def _separated(labels, source, separator):
    if labels.dtype != object:
        raise UserError(
            f"--label_separator={separator}: the texts of {source} have one "
            "label each: leave it out, or name a file of your own."
        )
    split = indicators.split(labels, separator)
    classes = sorted({name for text_labels in split for name in text_labels})
    if not classes:
        raise UserError(
            f"{source}: no training text has a label: add texts with one."
        )
    texts_with = indicators.of_texts(labels, classes, separator).sum(0)
    most = int(np.argmax(texts_with))
    if texts_with[most] == len(labels):
        raise UserError(
            f"{source}: all {len(labels):,} training texts have the label "
            f"{classes[most]}: remove it, or add texts without it."
        )
    return classes
