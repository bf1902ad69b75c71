"""The training step: loss, gradients, clipping; skipped if not finite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


def training_step(
    model: keras.Model, clip_norm: float, norm: keras.metrics.Mean, spec: Any
) -> Callable:
    """Returns a function that trains `model` on a batch.

    The gradients are scaled down together if their global norm exceeds
    `clip_norm` (Pascanu et al., On the Difficulty of Training Recurrent Neural
    Networks, 2013). If the loss or a gradient is not finite, no weight,
    optimizer state or metric changes.

    Args:
      model: Compiled and built.
      clip_norm: 0 turns clipping off.
      norm: Records the global norm before clipping.
      spec: Element spec of the batches.

    Returns:
      A function that returns -1 after a finite step. Otherwise it returns the
      index of the first variable in `model.trainable_variables` whose gradient
      is not finite, or their number if only the loss is not finite.
    """
    # The mean loss over the batches; Keras has no public name for it.
    mean_loss = next(m for m in model.metrics if m.name == "loss")

    @tf.function(input_signature=[spec], autograph=False)
    def step(batch):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
        # Variables that the forward pass may change, e.g. moving averages.
        changeable = [*model.non_trainable_weights, *model.metrics_variables]
        before = [tf.identity(variable.value) for variable in changeable]
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            loss = model.compute_loss(x, y, outputs, weight, training=True)
        variables = model.trainable_variables
        # Zeros, not None, for a variable that does not affect the loss.
        gradients = tape.gradient(
            loss,
            [variable.value for variable in variables],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        # Keras optimizers make sparse gradients dense anyway.
        gradients = [tf.convert_to_tensor(g) for g in gradients]
        norms = tf.stack([tf.cast(_norm(g), tf.float32) for g in gradients])
        total = _norm(norms)

        def update():
            scale = tf.minimum(1.0, clip_norm / total) if clip_norm else 1.0
            model.optimizer.apply(
                [g * tf.cast(scale, g.dtype) for g in gradients], variables
            )
            size = tf.shape(tf.nest.flatten(x)[0])[0]
            mean_loss.update_state(loss, sample_weight=size)
            model.compute_metrics(x, y, outputs, weight)
            norm.update_state(total)
            return -1

        def undo():
            for variable, value in zip(changeable, before):
                variable.assign(value)
            bad = tf.cast(~tf.math.is_finite(norms), tf.int32)
            first = tf.argmax(bad, output_type=tf.int32)
            return tf.where(tf.reduce_any(bad > 0), first, len(variables))

        finite = tf.math.is_finite(total) & tf.math.is_finite(loss)
        return tf.cond(finite, update, undo)

    return step


def _norm(values):
    """Returns the Euclidean norm without squaring large numbers."""
    largest = tf.reduce_max(tf.abs(values))
    scale = tf.where(largest > 0, largest, tf.ones_like(largest))
    return scale * tf.norm(values / scale)


def test_step(model: keras.Model, spec: Any) -> Callable:
    """Returns a function that adds a batch to the metrics of `model`.

    It is traced at once, which creates the variables of the metrics.

    Args:
      model: Compiled and built.
      spec: Element spec of the batches.
    """
    step = tf.function(model.test_step, input_signature=[spec], autograph=False)
    step.get_concrete_function()
    return step
