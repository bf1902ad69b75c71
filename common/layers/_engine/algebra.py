"""Matrix products and masks that the recurrences and loops share."""

import tensorflow as tf


def project(
    sequences: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None = None
) -> tf.Tensor:
    """Projects the inputs of all steps in one product.

    Args:
      sequences: (.., .., features); batch and time, in either order.
      kernel: (features, width).
      bias: (width,), or None.

    Returns:
      (.., .., width).
    """
    shape = tf.shape(sequences)
    inputs = tf.reshape(sequences, [-1, sequences.shape[-1]]) @ kernel
    if bias is not None:  # Faster than a sum, and much faster backward.
        inputs = tf.nn.bias_add(inputs, bias)
    inputs = tf.reshape(inputs, [shape[0], shape[1], kernel.shape[-1]])
    return tf.ensure_shape(inputs, [*sequences.shape[:2], kernel.shape[-1]])


def sum_of_products(
    deltas: list[tf.Tensor], kernels: list[tf.Tensor]
) -> tf.Tensor:
    """Returns the sum of the products of deltas and transposed kernels.

    Args:
      deltas: list of tensors (batch, units).
      kernels: list of tensors (units, units), of the same length.
    """
    return sum(d @ k for d, k in zip(deltas, kernels))


def kernel_gradient(inputs: tf.Tensor, deltas: tf.Tensor) -> tf.Tensor:
    """Returns inputs' @ deltas summed over all steps, in one product.

    Args:
      inputs: (batch, time, units).
      deltas: (batch, time, width).

    Returns:
      (units, width).
    """
    inputs = tf.reshape(inputs, [-1, inputs.shape[-1]])
    deltas = tf.reshape(deltas, [-1, deltas.shape[-1]])
    return tf.matmul(inputs, deltas, transpose_a=True)


def select(
    mask: tf.Tensor | None, new: list[tf.Tensor], old: list[tf.Tensor]
) -> list[tf.Tensor]:
    """Returns new values where the mask is True, or without a mask."""
    if mask is None:
        return new
    return [tf.where(mask, a, b) for a, b in zip(new, old)]


def zero_masked(sequence: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    """Returns the values, with zeros where the mask is False.

    A masked NaN has no influence then. Multiplied by a gradient of 0, as for
    the gradient of a kernel, it would be NaN.

    Args:
      sequence: (batch, time, ..).
      mask: (batch, time), or None.
    """
    if mask is None:
        return sequence
    sequence = tf.convert_to_tensor(sequence)
    mask = tf.cast(mask, tf.bool)
    for _ in sequence.shape[2:]:
        mask = mask[..., None]
    return tf.where(mask, sequence, tf.zeros([], sequence.dtype))
