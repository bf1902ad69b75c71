"""Additive attention: a feed-forward network scores each place."""

import keras
from keras import ops

from common.layers.attention.attention import Attention


@keras.saving.register_keras_serializable("unroll")
class AdditiveAttention(Attention):
    r"""Attends to a memory; a network with one hidden layer scores its places.

    $e_{tj} = v^\top \tanh(W q_t + b + U m_j)$,
    $a_{tj} = \exp(e_{tj}) / \sum_k \exp(e_{tk})$,
    $c_t = \sum_j a_{tj} m_j$.

    The keys are $U m_j$. With all steps at once, the hidden layer has batch x
    steps x places x units values.

    Masking: masked places have alignment 0; what they hold, NaN included, has
    no influence. If all places are masked, alignments and context are 0. No
    mask is passed on.

    Args:
      units: int; size of the hidden layer.

    Call arguments:
      query: float tensor (batch, n) or (batch, steps, n).
      memory: float tensor (batch, places, size).
      memory_mask: bool tensor (batch, places); by default the Keras mask of
        the memory, if it has one.
      keys: the result of `keys(memory)`; computed if it is not given.

    Returns:
      The context (batch, [steps,] size) and the alignments (batch, [steps,]
      places), float tensors.

    Raises:
      ValueError: the memory is not (batch, places, size).

    Example:
      >>> attention = AdditiveAttention(16)
      >>> query, memory = keras.ops.ones((4, 8)), keras.ops.ones((4, 10, 3))
      >>> context, alignments = attention(query, memory)
      >>> context.shape, alignments.shape
      (TensorShape([4, 3]), TensorShape([4, 10]))

    Reference: Bahdanau, Cho & Bengio, Neural Machine Translation by Jointly
    Learning to Align and Translate, 2015.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        dtype = self.dtype_policy
        self.query_layer = keras.layers.Dense(units, dtype=dtype)
        self.memory_layer = keras.layers.Dense(
            units, use_bias=False, dtype=dtype
        )
        self.score_layer = keras.layers.Dense(1, use_bias=False, dtype=dtype)

    def build(self, query_shape, memory_shape):
        super().build(query_shape, memory_shape)
        self.query_layer.build(query_shape)
        self.memory_layer.build(memory_shape)
        self.score_layer.build((None, self.units))

    def keys(self, memory):
        return self.memory_layer(memory)

    def scores(self, query, keys):
        hidden = self.query_layer(query)[:, :, None] + keys[:, None]
        return self.score_layer(ops.tanh(hidden))[..., 0]
