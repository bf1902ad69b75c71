"""Multiplicative attention: the score is a product of query and place."""

import keras
from keras import ops

from common.layers.attention.attention import Attention


@keras.saving.register_keras_serializable("unroll")
class MultiplicativeAttention(Attention):
    r"""Attends to a memory; products with the query score its places.

    dot: $e_{tj} = q_t^\top m_j$; general: $e_{tj} = q_t^\top W m_j$;
    $a_{tj} = \exp(e_{tj}) / \sum_k \exp(e_{tk})$,
    $c_t = \sum_j a_{tj} m_j$.

    The keys are $m_j$ and $W m_j$. "dot" has no weights.

    Masking: masked places have alignment 0; what they hold, NaN included, has
    no influence. If all places are masked, alignments and context are 0. No
    mask is passed on.

    Args:
      kind: "dot" or "general".

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
      ValueError: `kind` is unknown; for "dot", query and memory differ in
        size; the memory is not (batch, places, size); `keys` is called
        before the layer is built.

    Example:
      >>> attention = MultiplicativeAttention("general")
      >>> query, memory = keras.ops.ones((4, 8)), keras.ops.ones((4, 10, 3))
      >>> context, alignments = attention(query, memory)
      >>> context.shape, alignments.shape
      (TensorShape([4, 3]), TensorShape([4, 10]))

    Reference: Luong, Pham & Manning, Effective Approaches to Attention-based
    Neural Machine Translation, 2015.
    """

    def __init__(self, kind="general", **kwargs):
        super().__init__(**kwargs)
        if kind not in ("dot", "general"):
            raise ValueError(f"kind={kind!r}: use 'dot' or 'general'.")
        self.kind = kind

    def build(self, query_shape, memory_shape):
        super().build(query_shape, memory_shape)
        if self.kind == "general":
            # Its size is that of the query, unknown until here.
            self.memory_layer = keras.layers.Dense(
                query_shape[-1], use_bias=False, dtype=self.dtype_policy
            )
            self.memory_layer.build(memory_shape)
        elif query_shape[-1] != memory_shape[-1]:
            raise ValueError(
                f"A query of size {query_shape[-1]} and a memory of size "
                f"{memory_shape[-1]}: use kind='general', or equal sizes."
            )

    def keys(self, memory):
        if self.kind == "dot":
            return memory
        if not self.built:
            raise ValueError(
                "The keys depend on the size of the query: call the layer, or "
                "build(query_shape, memory_shape), before keys(memory)."
            )
        return self.memory_layer(memory)

    def scores(self, query, keys):
        return ops.einsum("bsn,bpn->bsp", query, keys)
