"""Shared parts of the convolutional recurrent layers."""

import keras
import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine import custom_gradient
from common.layers._engine import private_api


def convolve(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Returns a convolution of the same rows and columns, with stride 1.

    Args:
      inputs: (batch, rows, columns, channels).
      kernel: (height, width, channels, filters).
    """
    return tf.nn.conv2d(inputs, kernel, 1, "SAME")


class ConvolutionalRNN(custom_gradient.CustomGradientRNN):
    """Mixin for an RNN layer whose states are maps (batch, rows, columns, n).

    It runs Keras's loop step by step, in training too, so that a sequence in
    parts gives the same bits as the whole. Subclasses define `cell_of_call`
    and `state_size`, a list of channels.
    """

    def recurrence_program(self):
        return None

    def inner_loop(self, sequences, initial_state, mask, training=False):
        sequences = algebra.zero_masked(sequences, mask)
        sequences = tf.cast(sequences, self.cell.compute_dtype)
        cell = self.cell_of_call(sequences[:, 0], initial_state, training)
        layer = private_api.copy_layer(self, cell=cell)
        return super(custom_gradient.CustomGradientRNN, layer).inner_loop(
            sequences, initial_state, mask, training
        )

    def cell_of_call(self, frame, states, training):
        """Returns the cell with the dropout of one call.

        Args:
          frame: (batch, rows, columns, channels); the first step.
          states: list of the initial states.
          training: whether to apply dropout.
        """
        raise NotImplementedError

    def drop_kernel(self, kernel):
        """Returns a recurrent kernel after `weight_dropout`."""
        kernel = tf.convert_to_tensor(kernel)
        if not self.weight_dropout:
            return kernel
        return keras.random.dropout(
            kernel, self.weight_dropout, seed=self.weight_seed
        )


class ConvolutionalCellRNN(ConvolutionalRNN, keras.layers.RNN):
    """The base class of the layers that run a `ConvCell`.

    Args:
      filters: int; channels of each state.
      kernel_size: int, or (height, width).
      weight_dropout: float; see the subclasses.
      return_sequences, return_state, go_backwards, stateful, unroll,
        zero_output_for_mask, name, dtype, trainable: see `keras.layers.RNN`.
      **kwargs: arguments of the cell.
    """

    cell_class: type

    def __init__(
        self,
        filters,
        kernel_size,
        *,
        weight_dropout=0.0,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        zero_output_for_mask=False,
        name=None,
        dtype=None,
        trainable=True,
        **kwargs,
    ):
        keras.layers.RNN.__init__(
            self,
            self.cell_class(filters, kernel_size, dtype=dtype, **kwargs),
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            zero_output_for_mask=zero_output_for_mask,
            name=name,
            dtype=dtype,
            trainable=trainable,
        )
        self.input_spec = keras.layers.InputSpec(ndim=5)
        self.set_weight_dropout(weight_dropout)

    def cell_of_call(self, frame, states, training):
        if not training:
            return self.cell
        return self.cell.with_dropout(frame, self.drop_kernel)

    def compute_output_shape(self, sequences_shape, initial_state_shape=None):
        batch, steps, rows, columns, _ = sequences_shape
        time = (steps,) if self.return_sequences else ()
        shape = (batch, *time, rows, columns, self.state_size[0])
        if not self.return_state:
            return shape
        states = [(batch, rows, columns, size) for size in self.state_size]
        return shape, *states

    def get_config(self):
        config = super().get_config()
        del config["cell"]
        return {**self.cell.get_config(), **config}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
