"""The network: tokens -> vectors -> states, and how likely each token is."""

import keras
import tensorflow as tf
from keras import ops

from common import layers


@keras.saving.register_keras_serializable("unroll")
class Network(keras.layers.Layer):
    """Recurrent layers between an embedding and a softmax.

    The last layer has as many units as the vectors of the tokens, so that
    these can be the weights of the softmax, too.

    Args:
      vocabulary_size: int; number of tokens.
      embedding_size: int; size of their vectors, and of the last layer.
      cell: a key of `layers.CELLS`.
      units: int; size of the other layers.
      depth: int; number of layers.
      tied: whether embedding and softmax share their weights.
      dropout: float; share of the last layer's features hidden in training.
      input_dropout: float; the same, of the vectors.
      hidden_dropout: float; the same, between the layers.
      locked_dropout: whether the same features are hidden at all steps of a
        window (Gal & Ghahramani 2016).
      embedding_dropout: float; share of the vocabulary that is hidden.
      weight_dropout: float; share of the recurrent weights that are hidden.
      activation_penalty: float; weight of the last layer's mean square.
      change_penalty: float; the same of its change from step to step.

    Call arguments:
      tokens: int tensor (batch, steps).
      states: list of the first states, as of `state_sizes`.
      kept: bool tensor (batch, steps); tokens that are False change no state.
      training: whether to apply dropout, and to add the penalties.

    Returns:
      What the softmax reads (batch, steps, embedding_size), and the list of
      the last states.

    Reference: Zaremba, Sutskever & Vinyals, Recurrent Neural Network
    Regularization, 2014; Merity, Keskar & Socher, Regularizing and Optimizing
    LSTM Language Models, 2018.
    """

    def __init__(
        self,
        vocabulary_size,
        embedding_size,
        cell,
        units,
        depth,
        tied,
        dropout,
        input_dropout,
        hidden_dropout,
        locked_dropout,
        embedding_dropout,
        weight_dropout,
        activation_penalty,
        change_penalty,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.embed = layers.DropoutEmbedding(
            vocabulary_size,
            embedding_size,
            dropout=embedding_dropout,
            tie_weights=tied,
        )
        drop = keras.layers.Dropout
        if locked_dropout:
            drop = keras.layers.SpatialDropout1D
        shares = [input_dropout, *[hidden_dropout] * (depth - 1)]
        self.drops = [drop(share) for share in shares]
        options = {"weight_dropout": weight_dropout} if weight_dropout else {}
        self.stack = [
            layers.CELLS[cell](
                size, return_sequences=True, return_state=True, **options
            )
            for size in [*[units] * (depth - 1), embedding_size]
        ]
        self.drop = drop(dropout)
        self.keep_steady = layers.ActivationRegularization(beta=change_penalty)
        self.keep_small = layers.ActivationRegularization(
            alpha=activation_penalty
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

    def zeros(self, batch_size):
        """Returns the states before the first token."""
        sizes = sum(self.state_sizes, [])
        return [ops.zeros((batch_size, size)) for size in sizes]

    def call(self, tokens, states, kept=None, training=False):
        states, last = iter(states), []
        vectors = self.embed(tokens, training=training)
        for drop, layer, sizes in zip(self.drops, self.stack, self.state_sizes):
            vectors, *after = layer(
                drop(vectors, training=training),
                mask=kept,
                initial_state=[next(states) for _ in sizes],
                training=training,
            )
            last += after
        vectors = self.keep_steady(vectors, training=training)
        vectors = self.drop(vectors, training=training)
        return self.keep_small(vectors, training=training), last

    def logits(self, vectors):
        """Returns those of the next token (..., vocabulary)."""
        logits = self.embed(vectors, reverse=True)
        # Faster than a sum, and much faster backwards.
        return tf.nn.bias_add(logits, ops.convert_to_tensor(self.bias))

    def softmax_weights(self):
        """Returns the weights (vocabulary, embedding_size), and the bias."""
        if self.embed.tie_weights:
            return self.embed.embeddings, self.bias
        return ops.transpose(self.embed.reverse_embeddings), self.bias
