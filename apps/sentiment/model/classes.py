"""Positive and negative, or classes by name: labels, loss and log-odds."""

import keras
import tensorflow as tf

from common.data import batching
from common.errors import UserError


def names(train, source):
    """Returns the names of the labels, or [] if these are 0 and 1.

    Raises:
      UserError: All texts have the same label.
    """
    labels = batching.targets(train)["label"]
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


def loss_and_metrics(labels):
    """Returns the arguments of `compile` that depend on the labels.

    Args:
      labels: Names of the classes; empty for positive and negative.
    """
    if labels:
        return {
            "loss": keras.losses.SparseCategoricalCrossentropy(
                from_logits=True
            ),
            "metrics": [keras.metrics.SparseCategoricalAccuracy("accuracy")],
        }
    return {
        "loss": keras.losses.BinaryCrossentropy(from_logits=True),
        "metrics": [keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)],
    }


def answers(logits, labels):
    """Returns the outputs of `Classifier.serve`.

    Args:
      logits: (batch,), or (batch, labels) with names of labels.
      labels: See `loss_and_metrics`.
    """
    if not labels:
        return {"positive": tf.sigmoid(logits)}
    return {
        "label": tf.gather(labels, tf.argmax(logits, -1)),
        "labels": tf.broadcast_to(labels, tf.shape(logits)),
        "probabilities": tf.nn.softmax(logits),
    }


def log_odds(logits, label):  # (rows, labels) -> (rows,)
    """Returns the log-odds of a label; of positive if it is None."""
    if label is None:
        return logits
    is_other = tf.range(logits.shape[-1], dtype=tf.int64) != label
    against = tf.boolean_mask(logits, is_other, axis=1)
    return logits[:, label] - tf.reduce_logsumexp(against, axis=1)
