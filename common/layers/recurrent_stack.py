"""Recurrent layers of one kind, one upon the other."""

import keras

CELLS = {
    "simple_rnn": keras.layers.SimpleRNN,
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
}


@keras.saving.register_keras_serializable("unroll")
class RecurrentStack(keras.layers.Layer):
    """Recurrent layers of one kind, one upon the other.

    Each layer reads the states of the one below. With `bidirectional`, each
    is a pair that reads in both directions, and their states are joined.

    Masking: steps whose mask is False leave the state as it is; the mask is
    passed on to the next layer.

    Args:
      cell: a key of `CELLS`: "simple_rnn" (Elman 1990), "lstm" (Hochreiter &
        Schmidhuber 1997; Gers et al. 2000) or "gru" (Cho et al. 2014).
      units: int; size of the state in each direction.
      depth: int; number of layers.
      bidirectional: whether to read backwards, too (Schuster & Paliwal 1997).
      dropout: float; share of the features that are hidden from each layer in
        training, the same at all steps of an example.
      return_sequences: whether to return all states, or only the last one:
        with `bidirectional`, each direction's own last.

    Call arguments:
      inputs: float tensor (batch, time, features).
      mask: bool tensor (batch, time).
      training: whether to apply dropout.

    Returns:
      float tensor (batch, [time,] units), with `bidirectional` 2 * units.

    Raises:
      ValueError: there is no such cell.

    Example:
      >>> stack = RecurrentStack("gru", 8, depth=2, bidirectional=True)
      >>> stack(keras.ops.zeros((4, 10, 3))).shape
      TensorShape([4, 16])
    """

    def __init__(
        self,
        cell,
        units,
        depth=1,
        bidirectional=False,
        dropout=0.0,
        return_sequences=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if cell not in CELLS:
            raise ValueError(f"cell={cell!r}: use one of {sorted(CELLS)}.")
        self.supports_masking = True
        self.return_sequences = return_sequences
        self.stack = []
        for i in range(depth):
            layer = CELLS[cell](
                units,
                dropout=dropout,
                return_sequences=return_sequences or i < depth - 1,
            )
            if bidirectional:
                layer = keras.layers.Bidirectional(layer)
            self.stack.append(layer)

    def build(self, input_shape):
        for layer in self.stack:
            layer.build(input_shape)
            input_shape = layer.compute_output_shape(input_shape)

    def call(self, inputs, mask=None, training=False):
        for layer in self.stack:
            inputs = layer(inputs, mask=mask, training=training)
        return inputs

    def compute_mask(self, inputs, mask=None):
        return mask if self.return_sequences else None

    def compute_output_shape(self, input_shape):
        for layer in self.stack:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape
