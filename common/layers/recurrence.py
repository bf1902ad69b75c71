"""One step of a recurrent network, forwards and backwards."""

import abc

import tensorflow as tf


class Recurrence(abc.ABC):
    """One step of a recurrent network, forwards and backwards.

    States, saved values and deltas are lists of tensors (batch, units), if
    `widths` does not say otherwise; the first state is the output. Subclasses
    are frozen dataclasses: equal ones share their compiled programs.

    Attributes:
      saves: how many tensors `step` saves.
      reads: the numbers of the states that `back` reads; the others are None.
      deltas: which of the deltas become neighbours for the products over all
        steps: a tuple of tuples of numbers. The first is the gradient of the
        projected inputs.
      kernels: how many of the weights, the first, make the recurrent kernel.
    """

    kernels = 1
    saves: int
    reads: tuple
    deltas: tuple

    def widths(self, units):
        """Returns the sizes of the saved values, and of the joined deltas."""
        return [units] * self.saves, [units * len(b) for b in self.deltas]

    @abc.abstractmethod
    def step(self, inputs, states, weights):
        """Returns the next states, and the values that `back` will need.

        Args:
          inputs: (batch, blocks * units); the projected inputs.
          states: as they are after the step before.
          weights: list of tensors, those within the recurrence.
        """

    @abc.abstractmethod
    def back(self, gradients, before, after, saved, weights):
        """Returns the deltas, and the gradients of the states before.

        Deltas are the gradients of what the activations were applied to.

        Args:
          gradients: of the loss by each state after the step.
          before: the states before the step.
          after: the states after the step.
          saved: what `step` saved.
          weights: as `transpose` returns them.
        """

    @abc.abstractmethod
    def weight_gradients(self, before, after, saved, deltas):
        """Returns the gradient of each weight, from all steps at once.

        Args:
          before: list of the states before each step, (batch, time, units).
          after: list of the states after each step.
          saved: list of what the steps saved.
          deltas: list of (batch, time, neighbours * units), as `self.deltas`
            asks for.
        """

    def transpose(self, weights):
        """Returns the weights as the products of `back` need them.

        The transposed kernel, by the deltas it is multiplied with: cut within
        the loop, it would be copied at each step.
        """
        blocks = weights[0].shape[1] // weights[0].shape[0]
        return [tf.split(tf.transpose(weights[0]), blocks), *weights[1:]]


def project(sequences, kernel, bias):
    """Returns the projection of all steps, in one product.

    Args:
      sequences: (.., .., features); batch and time, in either order.
      kernel: (features, width).
      bias: (width,), or None.

    Returns:
      (.., .., width).
    """
    shape = tf.shape(sequences)
    inputs = tf.reshape(sequences, [-1, sequences.shape[-1]]) @ kernel
    if bias is not None:  # Faster than a sum, and much faster backwards.
        inputs = tf.nn.bias_add(inputs, bias)
    inputs = tf.reshape(inputs, [shape[0], shape[1], kernel.shape[-1]])
    return tf.ensure_shape(inputs, [*sequences.shape[:2], kernel.shape[-1]])


def product(deltas, kernels):
    """Returns the sum of the products of deltas and transposed kernels.

    Args:
      deltas: list of tensors (batch, units).
      kernels: list of as many tensors (units, units).
    """
    return sum(d @ k for d, k in zip(deltas, kernels))


def kernel_gradient(inputs, deltas):
    """Returns the sum over all steps of inputs' @ deltas, in one product.

    Args:
      inputs: (batch, time, units).
      deltas: (batch, time, width).

    Returns:
      (units, width).
    """
    inputs = tf.reshape(inputs, [-1, inputs.shape[-1]])
    deltas = tf.reshape(deltas, [-1, deltas.shape[-1]])
    return tf.matmul(inputs, deltas, transpose_a=True)


def choose(kept, new, old):
    """Returns new values where the mask is True, or where there is none."""
    if kept is None:
        return new
    return [tf.where(kept, a, b) for a, b in zip(new, old)]
