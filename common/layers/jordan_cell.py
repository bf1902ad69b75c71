"""A recurrent cell that remembers only its own output."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("unroll")
class JordanCell(keras.layers.Layer):
    r"""A cell whose recurrence leads from its output back to its units.

    $h_t = f(x_t W + y_{t-1} U + b)$; $y_t = g(h_t V + c)$; $y_0 = 0$.

    What a step knows of the past is the output of the step before. That is
    less than a hidden state could hold, but where the true outputs are known,
    in training, the steps no longer depend on each other: `teacher_forced`
    runs them all at once.

    Masking: `keras.layers.RNN` keeps the state where the mask is False.

    Args:
      units: int; number of hidden units.
      output_units: int; size of the output, which is the state.
      activation: the function $f$.
      output_activation: the function $g$; None for the identity.
      use_bias: whether there are $b$ and $c$.
      kernel_initializer: initializer of $W$ and $V$.
      recurrent_initializer: initializer of $U$ (output_units, units).
      bias_initializer: initializer of $b$ and $c$.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of one float tensor (batch, output_units).

    Returns:
      (output, [state]); both are $y_t$, float tensors (batch, output_units).

    Raises:
      ValueError: `units` or `output_units` is not positive.

    Example:
      >>> rnn = keras.layers.RNN(JordanCell(8, output_units=4))
      >>> rnn(keras.ops.ones((2, 10, 3))).shape
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
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if units < 1 or output_units < 1:
            raise ValueError(
                f"units={units}, output_units={output_units}: "
                "use positive numbers."
            )
        self.units = units
        self.output_units = output_units
        self.activation = keras.activations.get(activation)
        self.output_activation = keras.activations.get(output_activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer
        self.state_size = [output_units]
        self.output_size = output_units

    def build(self, input_shape):
        hidden, out = self.units, self.output_units
        kernel, recurrent = self.kernel_initializer, self.recurrent_initializer
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], hidden), initializer=kernel
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(out, hidden), initializer=recurrent
        )
        self.output_kernel = self.add_weight(
            name="output_kernel", shape=(hidden, out), initializer=kernel
        )
        self.bias = self.output_bias = None
        if self.use_bias:
            bias = self.bias_initializer
            self.bias = self.add_weight(
                name="bias", shape=(hidden,), initializer=bias
            )
            self.output_bias = self.add_weight(
                name="output_bias", shape=(out,), initializer=bias
            )

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

    def teacher_forced(self, inputs, targets):
        """Returns the outputs of all steps, each reading the true one before.

        Args:
          inputs: float tensor (batch, time, features).
          targets: float tensor (batch, time, output_units); the true outputs.

        Returns:
          float tensor (batch, time, output_units).
        """
        targets = ops.cast(targets, self.compute_dtype)
        first = ops.zeros_like(targets[:, :1])
        before = ops.concatenate([first, targets[:, :-1]], axis=1)
        # A step is made of products with the last axis only, so that it takes
        # all the steps as one.
        outputs, _ = self(inputs, [before])
        return outputs

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.output_units), self.compute_dtype)]
