"""One step of a recurrent network, forwards and backwards."""

import abc

import tensorflow as tf


class Recurrence(abc.ABC):
    """One step of a recurrent network, forwards and backwards.

    States, saved values and deltas are lists of tensors (batch, ..., units);
    the first state is the output. Subclasses are frozen dataclasses: equal
    ones share their compiled programs.
    """

    saves: int  # Number of tensors that `step` saves.
    deltas: int  # Number of tensors of deltas that `back` returns.

    @abc.abstractmethod
    def step(self, inputs, states, weights):
        """Returns the next states, and the values that `back` will need.

        Args:
          inputs: (batch, ..., blocks * units); the projected inputs.
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
    def weight_gradients(self, states, saved, deltas):
        """Returns the gradient of each weight, from all steps at once.

        Args:
          states: list of (time + 1, batch, ..., units): the states before
            each step and after the last.
          saved: list of (time, batch, ..., units).
          deltas: (time, batch, ..., deltas * units).
        """

    def transpose(self, weights):
        """Returns the weights as the products of `back` need them.

        The transposed kernel, by the deltas it is multiplied with: cut within
        the loop, it would be copied at each step.
        """
        return [tf.split(tf.transpose(weights[0]), self.deltas), *weights[1:]]

    def input_gradient(self, deltas):
        """Returns the gradient of the projected inputs."""
        return deltas


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
      inputs: (time, batch, units).
      deltas: (time, batch, width).

    Returns:
      (units, width).
    """
    return tf.matmul(flat(inputs), flat(deltas), transpose_a=True)


def flat(sequence):
    """Returns (time, batch, width) as (time * batch, width)."""
    return tf.reshape(sequence, [-1, sequence.shape[-1]])
