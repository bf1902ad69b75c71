"""The base class of attention layers."""

import keras
import tensorflow as tf
from keras import ops

from common.layers._engine import algebra
from common.layers._engine import call_arguments
from common.layers._engine import composite_layer


class Attention(composite_layer.CompositeLayer):
    """Returns the weighted mean of a memory.

    Subclasses define `keys` and `scores`. The keys depend on the memory only,
    so a loop over queries computes them once, before it starts.
    """

    def keys(self, memory):
        """Returns the keys to score queries against, (batch, places, n)."""
        raise NotImplementedError

    def scores(self, query, keys):
        """Returns (batch, steps, places) for queries (batch, steps, n)."""
        raise NotImplementedError

    def build(self, query_shape, memory_shape):
        if len(memory_shape) != 3:
            raise ValueError(
                f"A memory of shape {tuple(memory_shape)}: "
                "reshape it to (batch, places, size)."
            )

    def call(self, query, memory, memory_mask=None, keys=None):
        memory_mask = call_arguments.flatten_mask(memory_mask)
        query = ops.cast(query, self.compute_dtype)
        memory = ops.cast(memory, self.compute_dtype)
        memory = algebra.zero_masked(memory, memory_mask)
        if keys is None:
            keys = self.keys(memory)
        else:
            keys = algebra.zero_masked(keys, memory_mask)
        steps = query if len(query.shape) == 3 else query[:, None]
        alignments = masked_softmax(self.scores(steps, keys), memory_mask)
        alignments = ops.cast(alignments, self.compute_dtype)
        context = ops.matmul(alignments, memory)
        if len(query.shape) == 2:
            return context[:, 0], alignments[:, 0]
        return context, alignments

    def compute_mask(self, *args, **kwargs):
        return None  # The mask applies to the memory, not to the outputs.

    def compute_output_shape(self, query_shape, memory_shape):
        before = tuple(query_shape[:-1])
        return (*before, memory_shape[-1]), (*before, memory_shape[1])


def masked_softmax(
    scores: tf.Tensor, mask: tf.Tensor | None = None
) -> tf.Tensor:
    """Returns weights that sum to 1, or are all 0 in a fully masked row.

    Args:
      scores: float tensor (batch, steps, places).
      mask: bool tensor (batch, places).
    """
    # In half precision, a sum over many places would lose the last terms.
    precise = keras.backend.result_type(scores.dtype, "float32")
    scores = ops.cast(scores, precise)
    if mask is None:  # tf.nn: keras.ops.softmax warns about a single place.
        return tf.nn.softmax(scores)
    mask = ops.cast(mask, "bool")[:, None]
    # A finite number: infinity minus infinity would be NaN.
    weights = tf.nn.softmax(ops.where(mask, scores, -1e9))
    return ops.where(mask, weights, 0)
