"""A recurrent decoder from tokens to the logits of the next tokens."""

import keras
from keras import ops

from common.layers._engine import composite_layer
from common.layers.attention.additive_attention import AdditiveAttention
from common.layers.attention.attention_decoder import AttentionDecoder
from common.layers.attention.multiplicative_attention import (
    MultiplicativeAttention,
)
from common.layers.recurrent.named_cells import CELLS
from common.layers.recurrent.recurrent_stack import RecurrentStack

ATTENTIONS = {
    "bahdanau": AdditiveAttention,
    "luong": lambda units: MultiplicativeAttention("general"),
    "none": None,
}


@keras.saving.register_keras_serializable("unroll")
class TokenDecoder(composite_layer.CompositeLayer):
    r"""Predicts the logits of the next token, at one step or at all steps.

    $x_t = E_{w_{t-1}}$; the first recurrent layer is an `AttentionDecoder`
    over the memory, the others a `RecurrentStack`; with the output $h_t$ of
    the last one, the logits are $E' P h_t$, where $E' = E$ if `tied`. Dropout
    uses one mask for all steps of a sequence (variational dropout, Gal &
    Ghahramani 2016).

    States are a flat list of tensors (batch, units). An encoder initializes
    those listed by `state_sizes`.

    Masking: masked places of the memory have alignment 0.

    Args:
      vocabulary_size: int; number of tokens.
      embedding_size: int; size of the token embeddings, and of the projected
        output that they are multiplied by.
      cell: a key of `CELLS`.
      units: int; size of each state.
      depth: int; number of recurrent layers.
      residual: whether layers that do not attend add their inputs to their
        outputs, where both have the same size.
      attention: a key of `ATTENTIONS`; with "none" the initial states are the
        only information about the source (Sutskever et al. 2014).
      input_feeding: whether the first layer also reads its previous output
        (Luong et al. 2015).
      tied: whether the output layer shares the weights of the embedding
        (Press & Wolf 2017).
      dropout: float; dropout rate of the embeddings, the inputs of the upper
        layers, and the outputs.

    Call arguments:
      tokens: int tensor (batch, steps); the previous token of each step.
      memory: float tensor (batch, places, size).
      mask: bool tensor (batch, places), or None for no padding.
      states: list of the initial states, from `get_initial_state`.
      training: whether to apply dropout.

    Returns:
      The logits (batch, steps, vocabulary), and the alignments (batch, steps,
      places), None without attention.

    Raises:
      KeyError: `cell` or `attention` is unknown.

    Example:
      >>> decoder = TokenDecoder(
      ...     50, 8, "gru", 6, 1, False, "luong", False, True, 0.1)
      >>> memory = keras.ops.ones((4, 10, 3))
      >>> decoder.build((None, None), memory.shape)
      >>> zeros = [keras.ops.zeros((4, 6))]
      >>> states = decoder.get_initial_state(4, zeros)
      >>> tokens = keras.ops.ones((4, 7), "int32")
      >>> logits, alignments = decoder(tokens, memory, None, states)
      >>> logits.shape, alignments.shape
      (TensorShape([4, 7, 50]), TensorShape([4, 7, 10]))

    Reference: Luong, Pham & Manning, Effective Approaches to Attention-based
    Neural Machine Translation, 2015.
    """

    def __init__(
        self,
        vocabulary_size,
        embedding_size,
        cell,
        units,
        depth,
        residual,
        attention,
        input_feeding,
        tied,
        dropout,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.embed = keras.layers.ReversibleEmbedding(
            vocabulary_size, embedding_size, tie_weights=tied
        )
        self.drop_tokens = keras.layers.SpatialDropout1D(dropout)
        self.attend = self.stack = None
        if ATTENTIONS[attention]:
            self.attend = AttentionDecoder(
                CELLS[cell](units).cell,
                ATTENTIONS[attention](units),
                units,
                input_feeding,
                return_state=True,
            )
            depth -= 1
        if depth:
            self.stack = RecurrentStack(
                cell,
                units,
                depth,
                dropout=dropout,
                residual=residual,
                return_sequences=True,
                return_state=True,
            )
        self.units = units
        self.drop = keras.layers.SpatialDropout1D(dropout)
        self.project = keras.layers.Dense(embedding_size, use_bias=False)

    def build(self, tokens_shape, memory_shape):
        self.embed.build(tokens_shape)
        shape = (None, None, self.embed.output_dim)
        if self.attend:
            self.attend.build(shape, memory_shape)
            shape = (None, None, self.units)
        if self.stack:
            self.stack.build(shape)
        self.project.build((None, None, self.units))

    @property
    def state_sizes(self):
        """The sizes of the states that an encoder initializes."""
        sizes = self.stack.state_sizes if self.stack else []
        if self.attend:
            first = keras.tree.flatten(self.attend.cell.state_size)
            sizes = [*first, *sizes]
        return sizes

    def get_initial_state(self, batch_size, states):
        """Returns all initial states, given those of `state_sizes`."""
        if not self.attend:
            return states
        count = len(keras.tree.flatten(self.attend.cell.state_size))
        first = self.attend.get_initial_state(batch_size, states[:count])
        return [*first, *states[count:]]

    def call(self, tokens, memory, mask, states, training=False):
        outputs = self.drop_tokens(self.embed(tokens), training=training)
        first, above = self._split_states(states)
        alignments = None
        if self.attend:
            outputs, alignments, _ = self.attend(
                outputs,
                memory,
                memory_mask=mask,
                initial_state=first,
                training=training,
            )
        if self.stack:
            outputs, _ = self.stack(
                outputs, initial_state=above, training=training
            )
        return self._logits(outputs, training), alignments

    def step(self, tokens, states, memory, mask, keys):
        """Returns logits (batch, vocabulary), the next states, alignments.

        Args:
          tokens: int tensor (batch,); the previous token.
          states: list of states.
          memory: (batch, places, size).
          mask: bool (batch, places).
          keys: the result of `keys(memory)`.
        """
        outputs = self.embed(tokens)
        alignments = ops.zeros(ops.shape(memory)[:2], memory.dtype)
        first, above = self._split_states(states)
        if self.attend:
            outputs, first, alignments = self.attend.step(
                outputs, first, memory, mask, keys
            )
        if self.stack:
            outputs, above = self.stack(outputs[:, None], initial_state=above)
            outputs = outputs[:, 0]
        return self._logits(outputs), [*first, *above], alignments

    def keys(self, memory):
        """Returns the attention keys of a memory, shared by all steps."""
        return self.attend.attention.keys(memory) if self.attend else memory

    def _split_states(self, states):
        """Returns the states of the attention layer, and of those above."""
        count = len(self.stack.state_sizes) if self.stack else 0
        return states[: len(states) - count], states[len(states) - count :]

    def _logits(self, outputs, training=False):
        if training:
            outputs = self.drop(outputs, training=True)
        return self.embed(self.project(outputs), reverse=True)
