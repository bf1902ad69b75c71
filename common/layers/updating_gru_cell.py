"""A GRU whose update gate is the share of the new."""

import keras

from common.layers import gru
from common.layers import planned_cell


@keras.saving.register_keras_serializable("unroll")
class UpdatingGRUCell(planned_cell.PlannedCell):
    r"""A GRU cell whose update gate says how much is new.

    As `GRU`, but $h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t$: the
    convention of Chung et al. (2014), where Cho et al. (2014), Keras and
    PyTorch have z and 1 - z the other way round.

    Weights: as of `GRU`: kernel (features, 3 * units), recurrent kernel
    (units, 3 * units), bias (2, 3 * units) or, without `reset_after`,
    (3 * units,) of z, r, n.

    Args:
      units: int; size of the state.
      reset_after: whether the reset gate acts after the product with the
        recurrent kernel, as in cuDNN, or before, as in both papers.
      **kwargs: as of `PlannedCell`.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of h (batch, units).

    Returns:
      h (batch, units), and the list of the next h.

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
        return (
            (2, *super().bias_shape())
            if self.reset_after
            else (super().bias_shape())
        )

    def plan(self):
        return gru.standard_plan(self, updates=True)
