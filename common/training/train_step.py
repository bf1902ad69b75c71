"""One training step: loss, gradients, clipping; nothing if not finite."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf


def training_step(
    model: keras.Model, clip_norm: float, norm: keras.metrics.Mean, spec
) -> Callable:
    """Returns a function of a batch that trains `model` by it.

    The gradients are scaled down together where their global norm is greater
    than `clip_norm` (Pascanu et al., On the Difficulty of Training Recurrent
    Neural Networks, 2013). If the loss or a gradient is not finite, no weight,
    optimizer state or metric changes.

    Args:
      model: compiled and built.
      clip_norm: 0: gradients stay as they are.
      norm: is told the global norm before clipping.
      spec: of a batch: what an iteration over the batches yields.

    Returns:
      A function whose answer is -1 for a finite step. Otherwise it is the
      place of the first variable, among `model.trainable_variables`, whose
      gradient is not finite; their count where only the loss is not.
    """
    # Its mean of the loss over the batches; Keras has no name for it.
    mean_loss = next(m for m in model.metrics if m.name == "loss")

    @tf.function(input_signature=[spec], autograph=False)
    def step(batch):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
        # What the forward pass may change, such as moving averages.
        touched = [*model.non_trainable_weights, *model.metrics_variables]
        before = [tf.identity(variable.value) for variable in touched]
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            loss = model.compute_loss(x, y, outputs, weight, training=True)
        variables = model.trainable_variables
        # Of a variable that has no share in the loss: zeros, not None.
        gradients = tape.gradient(
            loss,
            [variable.value for variable in variables],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        # Keras's optimizers add up the rows of sparse ones anyway.
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

        def place():
            for variable, value in zip(touched, before):
                variable.assign(value)
            bad = tf.cast(~tf.math.is_finite(norms), tf.int32)
            first = tf.argmax(bad, output_type=tf.int32)
            return tf.where(tf.reduce_any(bad > 0), first, len(variables))

        finite = tf.math.is_finite(total) & tf.math.is_finite(loss)
        return tf.cond(finite, update, place)

    return step


def _norm(values):
    """Returns the Euclidean norm, without squares of large numbers."""
    largest = tf.reduce_max(tf.abs(values))
    scale = tf.where(largest > 0, largest, tf.ones_like(largest))
    return scale * tf.norm(values / scale)


def test_step(model: keras.Model, spec) -> Callable:
    """Returns a function of a batch that adds it to the metrics of `model`.

    Their variables are there when it returns.

    Args:
      model: compiled and built.
      spec: of a batch.
    """
    step = tf.function(model.test_step, input_signature=[spec])
    step.get_concrete_function()
    return step
