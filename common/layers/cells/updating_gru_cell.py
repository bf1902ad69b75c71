"""A GRU whose update gate is the weight of the new value."""

import keras

from common.layers.cells import base_cell
from common.layers.recurrent import gru


@keras.saving.register_keras_serializable("unroll")
class UpdatingGRUCell(base_cell.CustomGradientCell):
    r"""A GRU cell whose update gate is the weight of the candidate.

    As `GRU`, but $h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t$: the
    convention of Chung et al. (2014). Cho et al. (2014), Keras and PyTorch
    swap z and 1 - z.

    Weights: see `GRU`: kernel (features, 3 * units), recurrent kernel
    (units, 3 * units), bias (2, 3 * units) or, without `reset_after`,
    (3 * units,) of z, r, n.

    Masking: the layer that runs the cell keeps the state where the mask is
    False.

    Args:
      units: int; size of the state.
      reset_after: whether the reset gate is applied after the product with
        the recurrent kernel, as in cuDNN, or before, as in both papers.
      **kwargs: see `BaseCell`.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of h (batch, units).

    Returns:
      h (batch, units), and the list of the next h.

    Raises:
      ValueError: `units` is not positive.

    Example:
      >>> RNN(UpdatingGRUCell(8))(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 8])

    Reference: Chung et al., Empirical Evaluation of Gated Recurrent Neural
    Networks on Sequence Modeling, 2014.
    """

    blocks = 3

    def __init__(self, units, reset_after=False, **kwargs):
        super().__init__(units, **kwargs)
        self.reset_after = reset_after

    def bias_shape(self):
        width = 3 * self.units
        return (2, width) if self.reset_after else (width,)

    def recurrence_program(self):
        return gru.gru_program(self, updates=True)
