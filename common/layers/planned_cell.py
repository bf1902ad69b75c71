"""What the cells with a recurrence of their own have in common."""

import keras
import tensorflow as tf

from common.layers import hand_derived


class PlannedCell(keras.layers.Layer):
    """A cell whose step is that of a Recurrence.

    In `layers.RNN` it trains with the gradient by hand; in `keras.layers.RNN`
    it works as any other cell. Subclasses say how many blocks of `units` the
    kernels have, and which recurrence it is.

    Args:
      units: int; size of each state.
      use_bias: whether there is a bias.
      kernel_initializer, recurrent_initializer, bias_initializer: names.

    Raises:
      ValueError: `units` is not positive.
    """

    blocks: int
    forgets = None  # Which block is that of the forget gate.
    state_count = 1
    recurrence = None

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
        width = self.blocks * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, width),
            initializer=self.recurrent_initializer,
            name="recurrent_kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                shape=self.bias_shape(),
                initializer=self.start_bias,
                name="bias",
            )

    def bias_shape(self):
        return (self.blocks * self.units,)

    def start_bias(self, shape, dtype=None):
        """Returns the first bias: ones for the gate that forgets, if asked."""
        bias = keras.initializers.get(self.bias_initializer)(shape, dtype)
        if not getattr(self, "unit_forget_bias", False):
            return bias
        forgets = keras.ops.arange(shape[-1]) // self.units == self.forgets
        return keras.ops.where(forgets, 1, bias)

    def inner_weights(self):
        """Returns the weights within the recurrence."""
        return [self.recurrent_kernel]

    def plan(self):
        """Returns what `layers.RNN` is to run, as of `hand_derived.plan`."""
        return hand_derived.plan(self.recurrence, self, self.inner_weights())

    def call(self, inputs, states, training=False):
        recurrence, kernel, bias, weights = self.plan()
        inputs = tf.matmul(inputs, kernel)
        inputs = inputs if bias is None else inputs + bias
        states, _ = recurrence.step(inputs, states, weights)
        return states[0], states

    def get_initial_state(self, batch_size=None):
        shape = (batch_size, self.units)
        return [keras.ops.zeros(shape, self.compute_dtype)] * self.state_count
