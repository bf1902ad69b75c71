"""The network: token ids -> embeddings -> recurrent states -> logits."""

import dataclasses

import keras
import tensorflow as tf
from keras import ops

from common import layers


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkArguments:
    """The arguments of a `Network` besides the size of its vocabulary.

    Attributes:
      embedding_size: Size of the token embeddings and of the last layer.
      cell: A key of `layers.CELLS`.
      units: Units of each layer except the last.
      depth: Number of recurrent layers.
      tied: Whether embedding and softmax share their weights.
      dropout: Dropout rate of the last layer's outputs.
      input_dropout: Dropout rate of the embeddings.
      hidden_dropout: Dropout rate between the layers.
      locked_dropout: Whether all steps of a window share one dropout mask (Gal
        & Ghahramani, A Theoretically Grounded Application of Dropout in
        Recurrent Neural Networks, 2016).
      embedding_dropout: Share of the vocabulary that is dropped.
      weight_dropout: Dropout rate of the recurrent weights.
      activation_penalty: Weight of the last layer's mean square.
      change_penalty: Weight of the mean square of its change per step.
    """

    embedding_size: int
    cell: str
    units: int
    depth: int
    tied: bool
    dropout: float
    input_dropout: float
    hidden_dropout: float
    locked_dropout: bool
    embedding_dropout: float
    weight_dropout: float
    activation_penalty: float
    change_penalty: float


@keras.saving.register_keras_serializable("unroll")
class Network(keras.layers.Layer):
    """Recurrent layers between an embedding and a softmax.

    The last layer has as many units as an embedding vector has elements, so
    that embedding and softmax may share their weights.

    Args:
      vocabulary_size: Number of tokens.
      arguments: `NetworkArguments`.

    Call arguments:
      tokens: int tensor (batch, steps).
      states: List of initial states; see `state_sizes`.
      token_mask: bool tensor (batch, steps); False where a token must not
        change the states.
      training: Whether to apply dropout and to add the penalties.

    Returns:
      The input of the softmax (batch, steps, embedding_size), and the list of
      final states.

    Reference: Zaremba, Sutskever & Vinyals, Recurrent Neural Network
    Regularization, 2014; Merity, Keskar & Socher, Regularizing and Optimizing
    LSTM Language Models, 2018.
    """

    def __init__(self, vocabulary_size, arguments, **kwargs):
        super().__init__(**kwargs)
        self.embed = layers.DropoutEmbedding(
            vocabulary_size,
            arguments.embedding_size,
            dropout=arguments.embedding_dropout,
            tie_weights=arguments.tied,
        )
        self.drops = _input_dropouts(arguments)
        self.stack = _recurrent_layers(arguments)
        self.drop = _dropout_class(arguments)(arguments.dropout)
        self.keep_steady = layers.ActivationRegularization(
            beta=arguments.change_penalty
        )
        self.keep_small = layers.ActivationRegularization(
            alpha=arguments.activation_penalty
        )

    def build(self, input_shape):
        self.embed.build(input_shape)
        shape = (*input_shape, self.embed.output_dim)
        for layer in self.stack:
            layer.build(shape)
            shape = (*input_shape, keras.tree.flatten(layer.cell.state_size)[0])
        self.bias = self.add_weight(
            shape=(self.embed.input_dim,), initializer="zeros", name="bias"
        )

    @property
    def state_sizes(self):
        """The sizes of the states of each layer: a list of lists."""
        return [
            keras.tree.flatten(layer.cell.state_size) for layer in self.stack
        ]

    def zero_states(self, batch_size):
        """Returns the states before the first token."""
        sizes = sum(self.state_sizes, [])
        return [ops.zeros((batch_size, size)) for size in sizes]

    def call(self, tokens, states, token_mask=None, training=False):
        states, final_states = iter(states), []
        vectors = self.embed(tokens, training=training)
        for drop, layer, sizes in zip(self.drops, self.stack, self.state_sizes):
            vectors, *layer_states = layer(
                drop(vectors, training=training),
                mask=token_mask,
                initial_state=[next(states) for _ in sizes],
                training=training,
            )
            final_states += layer_states
        vectors = self.keep_steady(vectors, training=training)
        vectors = self.drop(vectors, training=training)
        return self.keep_small(vectors, training=training), final_states

    def logits(self, vectors):
        """Returns the logits of the next token (..., vocabulary)."""
        logits = self.embed(vectors, reverse=True)
        # Faster than an addition, and much faster in the backward pass.
        return tf.nn.bias_add(logits, ops.convert_to_tensor(self.bias))

    def step(self, tokens, states):
        """Reads one token per row.

        Args:
          tokens: int32 (batch,).
          states: List of the states before.

        Returns:
          The logits of the next token (batch, vocabulary), and the states.
        """
        vectors, states = self(tokens[:, None], states)
        return self.logits(vectors[:, 0]), states

    def softmax_weights(self):
        """Returns the weights (vocabulary, embedding_size) and the bias."""
        if self.embed.tie_weights:
            return self.embed.embeddings, self.bias
        return ops.transpose(self.embed.reverse_embeddings), self.bias


def _dropout_class(arguments):
    if arguments.locked_dropout:
        return keras.layers.SpatialDropout1D
    return keras.layers.Dropout


def _input_dropouts(arguments):
    """Returns the dropout before each recurrent layer."""
    between = [arguments.hidden_dropout] * (arguments.depth - 1)
    rates = [arguments.input_dropout, *between]
    return [_dropout_class(arguments)(rate) for rate in rates]


def _recurrent_layers(arguments):
    options = {}
    if arguments.weight_dropout:
        options["weight_dropout"] = arguments.weight_dropout
    inner = [arguments.units] * (arguments.depth - 1)
    return [
        layers.CELLS[arguments.cell](
            units, return_sequences=True, return_state=True, **options
        )
        for units in [*inner, arguments.embedding_size]
    ]
