"""A simple recurrent cell of rectifiers, initialized to the identity."""

import keras


@keras.saving.register_keras_serializable("unroll")
class IRNNCell(keras.layers.SimpleRNNCell):
    r"""Rectified units whose recurrent kernel is initialized to the identity.

    $h_t = \max(0, x_t W + h_{t-1} U + b)$; initially $U = s I$, $b = 0$,
    $W_{ij} \sim N(0, 0.001^2)$.

    With $s = 1$ the state persists while the input is zero, so gradients
    neither vanish nor explode at the start of training; a smaller `scale`
    suits tasks with shorter memory (the paper: 0.01 for speech).

    Masking: the layer that runs the cell keeps the state where the mask is
    False.

    Args:
      units: int; size of the state.
      scale: positive float $s$.
      **kwargs: arguments of `keras.layers.SimpleRNNCell` other than the
        activation and the initializers of the two kernels, which are fixed.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of one float tensor (batch, units).
      training: whether to apply the dropout of the parent class.

    Returns:
      (output, [state]); both are $h_t$, float tensors (batch, units).

    Raises:
      ValueError: `scale` is not positive.

    Example:
      >>> RNN(IRNNCell(4))(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Le, Jaitly & Hinton, A Simple Way to Initialize Recurrent
    Networks of Rectified Linear Units, 2015.
    """

    def __init__(self, units, scale=1.0, **kwargs):
        if scale <= 0:
            raise ValueError(f"scale={scale}: use a positive number.")
        super().__init__(
            units,
            activation="relu",
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.001),
            recurrent_initializer=keras.initializers.Identity(scale),
            **kwargs,
        )
        self.scale = scale

    def get_config(self):
        config = super().get_config()
        for fixed in (
            "activation",
            "kernel_initializer",
            "recurrent_initializer",
        ):
            del config[fixed]
        return {**config, "scale": self.scale}
