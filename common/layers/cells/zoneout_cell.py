"""A wrapper that randomly keeps the previous state of units in training."""

import keras
from keras import ops

from common.layers.cells import cell_wrapper


@keras.saving.register_keras_serializable("unroll")
class ZoneoutCell(cell_wrapper.CellWrapper):
    r"""Zoneout: in training, random units keep their previous state.

    For each state $s$ of the wrapped cell, with its rate $z$:
    in training $s_t = d s_{t-1} + (1 - d) \tilde s_t$ with
    $d_j \sim \mathrm{Bernoulli}(z)$ drawn for each unit, step and
    example; otherwise $s_t = z s_{t-1} + (1 - z) \tilde s_t$, the expectation.

    Where the output of the wrapped cell is its first state, as in all cells
    of Keras, the output is that state after zoneout.

    Masking: the layer that runs the cell keeps the states where the mask is
    False.

    Args:
      cell: a recurrent cell whose states are vectors.
      rates: float in [0, 1) for all states, or a list with one per state: for
        an LSTM [rate of h, rate of c].
      seed: int; seed of the random numbers.
      **kwargs: arguments of `keras.layers.Layer`. The default dtype is that
        of the cell.

    Call arguments:
      inputs: float tensor (batch, features).
      states: list of the states of the wrapped cell.
      training: whether to draw $d$, or to take the expectation.

    Returns:
      (output, states) with the shapes that the wrapped cell returns.

    Raises:
      ValueError: a rate is outside [0, 1); the number of rates is not that of
        the states; the cell is a stack of cells.

    Example:
      >>> cell = keras.layers.LSTMCell(4)
      >>> zoneout = ZoneoutCell(cell, rates=[0.05, 0.5])
      >>> RNN(zoneout)(keras.ops.ones((2, 10, 3))).shape
      TensorShape([2, 4])

    Reference: Krueger et al., Zoneout: Regularizing RNNs by Randomly
    Preserving Hidden Activations, 2017.
    """

    def __init__(self, cell, rates=0.1, seed=None, **kwargs):
        super().__init__(cell, **kwargs)
        self.rates = rates
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        if len(self._rates()) != len(self.state_size):
            raise ValueError(
                f"rates={rates}: use one for each of the "
                f"{len(self.state_size)} states of the cell."
            )
        if not all(0 <= rate < 1 for rate in self._rates()):
            raise ValueError(f"rates={rates}: use rates in [0, 1).")

    def _rates(self):
        if isinstance(self.rates, (list, tuple)):
            return self.rates
        return [self.rates] * len(self.state_size)

    def call(self, inputs, states, training=False):
        output, proposed = self.cell(inputs, states)
        output_is_state = output is proposed[0]
        states = [
            self._zone_out(old, new, rate, training)
            for old, new, rate in zip(
                states, proposed, self._rates(), strict=True
            )
        ]
        return states[0] if output_is_state else output, states

    def _zone_out(self, old, new, rate, training):
        new = ops.cast(new, old.dtype)  # The cell's dtype may differ.
        if rate == 0:
            return new
        if not training:
            return rate * old + (1 - rate) * new
        # Half precision would be too coarse for small rates.
        draw = keras.random.uniform(
            ops.shape(new), dtype="float32", seed=self.seed_generator
        )
        return ops.where(draw < rate, old, new)

    def get_config(self):
        return {
            **super().get_config(),
            "rates": self.rates,
            "seed": self.seed,
        }
