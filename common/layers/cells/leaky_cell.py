"""A simple recurrent cell with leaky units: running means of their values."""

import keras


@keras.saving.register_keras_serializable("unroll")
class LeakyCell(keras.layers.SimpleRNNCell):
    r"""Leaky units: running means with a fixed time constant.

    $v_t = f(x_t W + u_{t-1} U + b)$;
    $u_t = \alpha u_{t-1} + (1 - \alpha) v_t$.

    With `alpha` near 1 a unit remembers about $1 / (1 - \alpha)$ steps; with
    0 it is a `keras.layers.SimpleRNNCell`.

    Masking: the layer that runs the cell keeps the state where the mask is
    False.

    Args:
      units: int; size of the state.
      alpha: float in [0, 1); weight of the old state in the new one.
      **kwargs: arguments of `keras.layers.SimpleRNNCell`.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of one float tensor (batch, units).
      training: whether to apply the dropout of the parent class.

    Returns:
      (output, [state]); both are $u_t$, float tensors (batch, units).

    Raises:
      ValueError: `alpha` is outside [0, 1).

    Example:
      >>> RNN(LeakyCell(4, alpha=0.9))(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Mozer, Induction of Multiscale Temporal Structure, 1992; Jaeger
    et al., Optimization and Applications of Echo State Networks with
    Leaky-Integrator Neurons, 2007; Goodfellow, Bengio & Courville, Deep
    Learning, 2016, section 10.9.2.
    """

    def __init__(self, units, alpha=0.5, **kwargs):
        if not 0 <= alpha < 1:
            raise ValueError(f"alpha={alpha}: use a rate in [0, 1).")
        super().__init__(units, **kwargs)
        self.alpha = alpha

    def call(self, inputs, states, training=False):
        value, _ = super().call(inputs, states, training=training)
        state = self.alpha * states[0] + (1 - self.alpha) * value
        return state, [state]

    def get_config(self):
        return {**super().get_config(), "alpha": self.alpha}
