"""A simple recurrent cell with a second connection over several steps."""

import keras
from keras import ops

from common.layers.cells import base_cell


@keras.saving.register_keras_serializable("unroll")
class TimeSkipCell(base_cell.BaseCell):
    r"""A simple recurrent cell with a connection over several steps.

    $h_t = f(x_t W + h_{t-1} U + h_{t-d} V + b)$ with $d$ = `skip`; states
    before the first step are zero.

    Along the connection $V$ the gradient passes $d$ steps at once: over a
    distance of $\tau$ steps it passes $\tau / d$ times through an activation.

    Weights: kernel $W$ (features, units), recurrent kernel (2 * units, units)
    of $U$ above $V$, bias $b$ (units,).

    Masking: the layer that runs the cell keeps the states where the mask is
    False, so `skip` counts unmasked steps.

    Args:
      units: int; size of the state.
      skip: int from 2; length of the second connection, in steps.
      activation: the function $f$.
      **kwargs: see `BaseCell`.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of `skip` float tensors (batch, units), the newest first.

    Returns:
      (output, states): $h_t$, a float tensor (batch, units), and the list of
      the last `skip` of them, the newest first.

    Raises:
      ValueError: `units` or `skip` is too small.

    Example:
      >>> RNN(TimeSkipCell(4, skip=3))(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Lin, Horne, Tino & Giles, Learning Long-Term Dependencies in
    NARX Recurrent Neural Networks, 1996.
    """

    def __init__(self, units, skip=4, activation="tanh", **kwargs):
        super().__init__(units, **kwargs)
        if skip < 2:
            raise ValueError(
                f"skip={skip}: use 2 or more; "
                "keras.layers.SimpleRNNCell has the connection over 1 step."
            )
        self.skip = skip
        self.activation = keras.activations.get(activation)
        self.state_size = [units] * skip

    def call(self, inputs, states, training=False):
        both_ends = ops.concatenate([states[0], states[-1]], axis=-1)
        total = ops.matmul(inputs, self.kernel)
        total += ops.matmul(both_ends, self.recurrent_kernel)
        if self.bias is not None:
            total += self.bias
        output = self.activation(total)
        return output, [output, *states[:-1]]

    def build(self, input_shape):
        self.add_kernels(input_shape[-1], 2 * self.units)
        self.add_bias()
