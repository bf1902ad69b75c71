"""The interface of a recurrent step and its hand-derived gradient."""

import abc
import typing

import keras
import tensorflow as tf


class Recurrence(abc.ABC):
    """One step of a recurrent network, and its derivative.

    States, saved values and deltas are lists of tensors (batch, units), unless
    `buffer_widths` gives other sizes; the first state is the output. A delta
    is the gradient with respect to a pre-activation. Subclasses are frozen
    dataclasses: equal instances share their compiled loops.

    Attributes:
      saved_count: number of tensors that `step` saves for `backward_step`.
      backward_states: indices of the states that `backward_step` reads; it
        gets None in place of the others.
      delta_groups: tuple of tuples of indices of deltas. The deltas of a group
        are stored next to each other, for the products over all steps. The
        first group is the gradient of the projected inputs.
      kernel_count: number of the leading weights that make up the recurrent
        kernel, to which `weight_dropout` applies.
    """

    saved_count: int
    backward_states: tuple
    delta_groups: tuple
    kernel_count = 1

    @abc.abstractmethod
    def step(self, inputs, states, weights):
        """Runs one step.

        Args:
          inputs: (batch, blocks * units); the projected inputs.
          states: list of the states after the previous step.
          weights: list of the weights within the recurrence.

        Returns:
          The next states, and the values saved for `backward_step`.
        """

    @abc.abstractmethod
    def backward_step(self, gradients, before, after, saved, weights):
        """Backpropagates through one step.

        Args:
          gradients: of the loss with respect to each state after the step.
          before: the states before the step.
          after: the states after the step.
          saved: the values that `step` saved.
          weights: the result of `transpose_weights`.

        Returns:
          The deltas, and the gradients with respect to the states before.
        """

    @abc.abstractmethod
    def weight_gradients(self, before, after, saved, deltas):
        """Computes the gradient of each weight, summed over all steps at once.

        Args:
          before: list of the states before each step, (batch, time, units).
          after: list of the states after each step.
          saved: list of the saved values of all steps.
          deltas: list of (batch, time, group size * units), one for each group
            of `delta_groups`.
        """

    def buffer_widths(self, units):
        """Returns the sizes of the saved values, and of the delta groups."""
        groups = [units * len(group) for group in self.delta_groups]
        return [units] * self.saved_count, groups

    def transpose_weights(self, weights):
        """Returns the weights in the layout that `backward_step` multiplies by.

        The transposed kernel is split by the delta that each part multiplies:
        split within the loop, it would be copied at each step.
        """
        blocks = weights[0].shape[1] // weights[0].shape[0]
        return [tf.split(tf.transpose(weights[0]), blocks), *weights[1:]]


class RecurrenceProgram(typing.NamedTuple):
    """A recurrence together with the weights of one cell.

    Attributes:
      recurrence: the step.
      kernel: (features, blocks * units); projects the inputs.
      bias: (blocks * units,), added to the projection; None if there is none.
      weights: list of the weights within the recurrence.
    """

    recurrence: Recurrence
    kernel: tf.Tensor
    bias: tf.Tensor | None
    weights: list[tf.Tensor]

    @classmethod
    def from_cell(
        cls,
        recurrence: Recurrence,
        cell: keras.layers.Layer,
        weights: list | None = None,
    ) -> "RecurrenceProgram":
        """Returns the program of a cell with Keras's attribute names.

        Args:
          recurrence: the step of the cell.
          cell: has `kernel`, `recurrent_kernel`, `bias` and `use_bias`.
          weights: those within the recurrence, if not the recurrent kernel
            alone.
        """
        to_tensor = tf.convert_to_tensor
        bias = to_tensor(cell.bias) if cell.use_bias else None
        weights = [to_tensor(w) for w in weights or [cell.recurrent_kernel]]
        return cls(recurrence, to_tensor(cell.kernel), bias, weights)
