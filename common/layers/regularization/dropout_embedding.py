"""An embedding with word dropout, which also computes output logits."""

import keras
from keras import ops

from common.layers._engine import private_api


@keras.saving.register_keras_serializable("unroll")
class DropoutEmbedding(keras.layers.ReversibleEmbedding):
    r"""An embedding with dropout of whole words, and tied output weights.

    $y_t = d_{w_t} E_{w_t} / (1 - p)$, with $d_w \sim \mathrm{Bernoulli}(1 -
    p)$ once for each word $w$ of the vocabulary and call in training; else
    $y_t = E_{w_t}$. With `reverse`: logits $h_t E^\top$, without dropout.

    A word is dropped everywhere in the batch or nowhere, which keeps the model
    from depending on single words.

    Masking: with `mask_zero`, word 0 is padding; the mask is passed on.

    Args:
      input_dim: int; size of the vocabulary.
      output_dim: int; size of a word's vector.
      dropout: float $p$ in [0, 1); fraction of the vocabulary that is dropped.
      seed: int; seed of the random numbers.
      **kwargs: arguments of `keras.layers.ReversibleEmbedding`.

    Call arguments:
      inputs: int tensor (batch, time), or with `reverse` float tensor
        (batch, time, output_dim).
      reverse: whether to compute logits from vectors.
      training: whether to drop words.

    Returns:
      float tensor (batch, time, output_dim), or with `reverse` the logits
      (batch, time, input_dim).

    Raises:
      ValueError: `dropout` is outside [0, 1).

    Example:
      >>> embedding = DropoutEmbedding(100, 8, dropout=0.1)
      >>> vectors = embedding(keras.ops.ones((2, 5), "int32"))
      >>> embedding(vectors, reverse=True).shape
      TensorShape([2, 5, 100])

    Reference: Gal & Ghahramani, A Theoretically Grounded Application of
    Dropout in Recurrent Neural Networks, 2016; Merity, Keskar & Socher,
    Regularizing and Optimizing LSTM Language Models, 2018; tied weights: Press
    & Wolf, Using the Output Embedding to Improve Language Models, 2017.
    """

    def __init__(self, input_dim, output_dim, dropout=0.0, seed=None, **kwargs):
        super().__init__(input_dim, output_dim, **kwargs)
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout={dropout}: use a rate in [0, 1).")
        self.dropout = dropout
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, reverse=False, training=False):
        outputs = super().call(inputs, reverse=reverse)
        if reverse or not training or self.dropout == 0:
            return outputs
        words = ops.ones((self.input_dim, 1), self.compute_dtype)
        scales = keras.random.dropout(
            words, self.dropout, seed=self.seed_generator
        )
        dropped = outputs * ops.take(scales, ops.cast(inputs, "int32"), axis=0)
        private_api.copy_keras_mask(outputs, dropped)
        return dropped

    def compute_output_spec(self, inputs, reverse=False, training=False):
        return super().compute_output_spec(inputs, reverse=reverse)

    def get_config(self):
        return {
            **super().get_config(),
            "dropout": self.dropout,
            "seed": self.seed,
        }
