"""A recurrent cell whose only state is its output."""

import keras
from keras import ops

from common.layers.cells import base_cell


@keras.saving.register_keras_serializable("unroll")
class JordanCell(base_cell.BaseCell):
    r"""A cell whose recurrent connection leads from its output to its units.

    $h_t = f(x_t W + y_{t-1} U + b)$; $y_t = g(h_t V + c)$; $y_0 = 0$.

    The only memory is the output of the previous step. It holds less than a
    hidden state could; but where the true outputs are known, as in training,
    the steps do not depend on each other, and `teacher_forced` runs them all
    at once.

    Masking: the layer that runs the cell keeps the state where the mask is
    False.

    Args:
      units: int; number of hidden units.
      output_units: int; size of the output, which is the state.
      activation: the function $f$.
      output_activation: the function $g$; None for the identity.
      **kwargs: see `BaseCell`: `kernel_initializer` is that of $W$ and $V$,
        `recurrent_initializer` that of $U$ (output_units, units), and
        `bias_initializer` that of $b$ and $c$.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of one float tensor (batch, output_units).

    Returns:
      (output, [state]); both are $y_t$, float tensors (batch, output_units).

    Raises:
      ValueError: `units` or `output_units` is not positive.

    Example:
      >>> cell = JordanCell(8, output_units=4)
      >>> RNN(cell)(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Jordan, Serial Order: A Parallel Distributed Processing
    Approach, 1986; Williams & Zipser, A Learning Algorithm for Continually
    Running Fully Recurrent Neural Networks, 1989 (teacher forcing).
    """

    def __init__(
        self,
        units,
        output_units,
        activation="tanh",
        output_activation=None,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        if output_units < 1:
            raise ValueError(
                f"output_units={output_units}: use a positive number."
            )
        self.output_units = self.output_size = output_units
        self.state_size = [output_units]
        self.activation = keras.activations.get(activation)
        self.output_activation = keras.activations.get(output_activation)

    def call(self, inputs, states, training=False):
        hidden = ops.matmul(inputs, self.kernel)
        hidden += ops.matmul(states[0], self.recurrent_kernel)
        if self.use_bias:
            hidden += self.bias
        output = ops.matmul(self.activation(hidden), self.output_kernel)
        if self.use_bias:
            output += self.output_bias
        output = self.output_activation(output)
        return output, [output]

    def build(self, input_shape):
        self.add_kernels(input_shape[-1], self.output_units)
        self.output_kernel = self.add_weight(
            name="output_kernel",
            shape=(self.units, self.output_units),
            initializer=self.kernel_initializer,
        )
        self.add_bias()
        self.output_bias = None
        if self.use_bias:
            self.output_bias = self.add_weight(
                name="output_bias",
                shape=(self.output_units,),
                initializer=self.bias_initializer,
            )

    def teacher_forced(self, inputs, targets):
        """Returns the outputs of all steps, each given the true previous one.

        Args:
          inputs: float tensor (batch, time, features).
          targets: float tensor (batch, time, output_units); the true outputs.

        Returns:
          float tensor (batch, time, output_units).
        """
        targets = ops.cast(targets, self.compute_dtype)
        first = ops.zeros_like(targets[:, :1])
        before = ops.concatenate([first, targets[:, :-1]], axis=1)
        # A step consists of products with the last axis, so it also runs on
        # tensors with a time axis.
        outputs, _ = self(inputs, [before])
        return outputs
