"""The mean or maximum over the unmasked time steps."""

import keras
from keras import ops

from common.layers._engine import call_arguments


@keras.saving.register_keras_serializable("unroll")
class MaskedPooling(keras.layers.Layer):
    r"""Pools a sequence to its mean or maximum over time.

    mean: $y_j = \sum_t m_t x_{tj} / \sum_t m_t$;
    max: $y_j = \max_{t: m_t} x_{tj}$.

    Masking: steps whose mask is False are ignored, NaN included. A fully
    masked row gives zeros. Without a mask, all steps count. No mask is passed
    on.

    Args:
      kind: "mean" or "max".

    Call arguments:
      inputs: float tensor (batch, time, features).
      mask: bool tensor (batch, time) or (batch, time, 1).

    Returns:
      float tensor (batch, features).

    Raises:
      ValueError: `kind` is unknown.

    Example:
      >>> MaskedPooling("max")(keras.ops.ones((4, 10, 3))).shape
      TensorShape([4, 3])

    Reference: max pooling over recurrent states: Lai et al., Recurrent
    Convolutional Neural Networks for Text Classification, 2015.
    """

    def __init__(self, kind, **kwargs):
        super().__init__(**kwargs)
        if kind not in ("mean", "max"):
            raise ValueError(f"kind={kind!r}: use 'mean' or 'max'.")
        self.kind = kind
        self.supports_masking = True

    def call(self, inputs, mask=None):
        mask = call_arguments.flatten_mask(mask)
        inputs = ops.cast(inputs, self.compute_dtype)
        if mask is None:
            mask = ops.ones(ops.shape(inputs)[:2], "bool")
        mask = ops.expand_dims(mask, -1)
        if self.kind == "mean":
            unmasked = ops.where(mask, inputs, 0)
            count = ops.sum(ops.cast(mask, inputs.dtype), axis=1)
            return ops.sum(unmasked, axis=1) / ops.maximum(count, 1)
        peak = ops.max(ops.where(mask, inputs, float("-inf")), axis=1)
        return ops.where(ops.any(mask, axis=1), peak, 0)

    def compute_mask(self, inputs, mask=None):
        return None

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[2])
