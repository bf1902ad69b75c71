"""Base classes of the cells: constructor, weights, and custom gradient."""

import keras
import tensorflow as tf

from common.layers._engine.recurrence import Recurrence
from common.layers._engine.recurrence import RecurrenceProgram


class BaseCell(keras.layers.Layer):
    """A recurrent cell with the constructor and the weights of most cells.

    The kernels are the joined matrices of `blocks` gates or candidates.
    Subclasses define `call`, and set the class attributes.

    Args:
      units: int; size of each state.
      use_bias: whether there is a bias.
      kernel_initializer: initializer of the kernel (features, blocks * units).
      recurrent_initializer: initializer of the recurrent kernel (units,
        blocks * units).
      bias_initializer: initializer of the bias (blocks * units,).
      **kwargs: arguments of `keras.layers.Layer`.

    Raises:
      ValueError: `units` is not positive.
    """

    blocks = 1
    state_count = 1

    def __init__(
        self,
        units,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units={units}: use a positive number.")
        self.units = self.output_size = units
        self.state_size = [units] * self.state_count
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer

    def build(self, input_shape):
        self.add_kernels(input_shape[-1], self.units)
        self.add_bias()

    def add_kernels(self, features, recurrent_features):
        """Adds the kernel and the recurrent kernel, with these row counts."""
        width = self.blocks * self.units
        self.kernel = self.add_weight(
            shape=(features, width),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            shape=(recurrent_features, width),
            initializer=self.recurrent_initializer,
            name="recurrent_kernel",
        )

    def add_bias(self):
        """Adds the bias; without `use_bias`, it is None."""
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                shape=self.bias_shape(),
                initializer=self.initial_bias,
                name="bias",
            )

    def bias_shape(self):
        return (self.blocks * self.units,)

    def initial_bias(self, shape, dtype=None):
        """Returns the initial value of the bias."""
        return keras.initializers.get(self.bias_initializer)(shape, dtype)

    def get_initial_state(self, batch_size=None):
        return [
            keras.ops.zeros((batch_size, size), self.compute_dtype)
            for size in self.state_size
        ]


class CustomGradientCell(BaseCell):
    """A cell that runs a Recurrence.

    In `layers.RNN` it trains with a custom gradient; in `keras.layers.RNN` it
    works as any other cell. Subclasses set the class attributes.

    Args:
      units: int; size of each state.
      **kwargs: see `BaseCell`.

    Raises:
      ValueError: `units` is not positive.
    """

    recurrence: Recurrence | None = None

    def call(self, inputs, states, training=False):
        recurrence, kernel, bias, weights = self.recurrence_program()
        inputs = tf.matmul(tf.cast(inputs, kernel.dtype), kernel)
        inputs = inputs if bias is None else inputs + bias
        states, _ = recurrence.step(inputs, states, weights)
        return states[0], states

    def recurrence_program(self):
        """Returns the RecurrenceProgram that `layers.RNN` runs."""
        return RecurrenceProgram.from_cell(
            self.recurrence, self, self.recurrent_weights()
        )

    def recurrent_weights(self):
        """Returns the weights within the recurrence."""
        return [self.recurrent_kernel]


class ForgetGateCell(CustomGradientCell):
    """A `CustomGradientCell` with the states h and c and a forget gate.

    Args:
      units: int; size of h and c.
      unit_forget_bias: whether the bias of the forget gate is initialized to 1
        (Jozefowicz et al. 2015).
      **kwargs: see `BaseCell`.

    Raises:
      ValueError: `units` is not positive.
    """

    state_count = 2
    forget_block: int  # Index of the block of the forget gate.

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(units, **kwargs)
        self.unit_forget_bias = unit_forget_bias

    def initial_bias(self, shape, dtype=None):
        bias = super().initial_bias(shape, dtype)
        if not self.unit_forget_bias:
            return bias
        blocks = keras.ops.arange(shape[-1]) // self.units
        return keras.ops.where(blocks == self.forget_block, 1, bias)
