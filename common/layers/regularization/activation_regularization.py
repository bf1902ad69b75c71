"""Losses for large and for rapidly changing activations over time."""

import keras
from keras import ops

from common.layers._engine import call_arguments


@keras.saving.register_keras_serializable("unroll")
class ActivationRegularization(keras.layers.Layer):
    r"""Returns its inputs, and adds a loss for their size and their changes.

    $L = \alpha \, \mathrm{mean}(h_{tj}^2)
    + \beta \, \mathrm{mean}((h_{tj} - h_{t-1,j})^2)$, in training only.

    The first term is activation regularization (AR), the second temporal
    activation regularization (TAR). The paper adds AR to the last layer's
    output after dropout, TAR to the same before dropout: two of these layers
    with the dropout between them.

    Masking: steps whose mask is False are excluded, as are changes from or to
    such a step; the mask is passed on.

    Args:
      alpha: float from 0; weight of the mean square. The paper: 2.
      beta: float from 0; weight of the mean square change. The paper: 1.

    Call arguments:
      inputs: float tensor (batch, time, features).
      mask: bool tensor (batch, time) or (batch, time, 1).
      training: whether to add the loss.

    Returns:
      `inputs`.

    Raises:
      ValueError: a weight is negative.

    Example:
      >>> layer = ActivationRegularization(alpha=2.0)
      >>> _ = layer(3 * keras.ops.ones((4, 10, 8)), training=True)
      >>> float(layer.losses[0])
      18.0

    Reference: Merity, McCann & Socher, Revisiting Activation Regularization
    for Language RNNs, 2017; Merity, Keskar & Socher, Regularizing and
    Optimizing LSTM Language Models, 2018.
    """

    def __init__(self, alpha=0.0, beta=0.0, **kwargs):
        super().__init__(**kwargs)
        if alpha < 0 or beta < 0:
            raise ValueError(
                f"alpha={alpha}, beta={beta}: use weights of zero or more."
            )
        self.alpha = alpha
        self.beta = beta
        self.supports_masking = True

    def call(self, inputs, mask=None, training=False):
        if not training:
            return inputs
        # A sum over a batch exceeds the range of half precision.
        dtype = keras.backend.result_type(inputs.dtype, "float32")
        h = ops.cast(inputs, dtype)
        mask = call_arguments.flatten_mask(mask)
        if mask is None:
            mask = ops.ones(ops.shape(h)[:2], "bool")
        if self.alpha:
            self.add_loss(self.alpha * _mean_square(h, mask))
        if self.beta:
            unmasked = ops.logical_and(mask[:, 1:], mask[:, :-1])
            change = h[:, 1:] - h[:, :-1]
            self.add_loss(self.beta * _mean_square(change, unmasked))
        return inputs

    def compute_output_shape(self, input_shape):
        return input_shape


def _mean_square(x, mask):  # (batch, time, features), (batch, time) -> ()
    """Returns the mean of the squares over the unmasked steps."""
    # The mask is applied before the square: otherwise the gradient of a masked
    # value whose square overflows would be NaN.
    kept = ops.where(ops.expand_dims(mask, -1), x, 0)
    count = ops.sum(ops.cast(mask, x.dtype)) * x.shape[-1]
    return ops.sum(ops.square(kept)) / ops.maximum(count, 1)
