"""Vectors of sentences from the vectors of their words."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("unroll")
class SentenceReader(keras.layers.Layer):
    r"""Sums the vectors of the words, weighted by a learned mask.

    $s = \sum_i f_i \odot e_i$: the weight of each feature depends on the
    position of the word, so that word order matters.

    Args:
      max_words: int; maximum number of words of a sentence.

    Call arguments:
      vectors: float (..., words, features), 0 for padding.

    Returns:
      float (..., features).

    Reference: Henaff et al. 2017, equation 1.
    """

    def __init__(self, max_words, **kwargs):
        super().__init__(**kwargs)
        self.max_words = max_words

    def build(self, input_shape):
        self.mask = self.add_weight(
            shape=(self.max_words, input_shape[-1]),
            initializer="ones",
            name="mask",
        )

    def call(self, vectors):
        mask = keras.ops.convert_to_tensor(self.mask)
        words = tf.shape(vectors)[-2]
        return tf.reduce_sum(vectors * mask[:words], -2)


def position_weights(lengths, words, size):
    """Returns the position encoding, float (..., words, size).

    $l_{kj} = (1 - j/J) - (k/d)(1 - 2j/J)$ for feature k of d and word j of J;
    Sukhbaatar et al. 2015, section 4.1. Padding has weights, too.

    Args:
      lengths: float (...); words of each sentence.
      words: Number of positions, padding included.
      size: Number of features.
    """
    position = tf.range(1, words + 1, dtype=tf.float32)
    position = position / tf.maximum(lengths, 1)[..., None]  # (..., words)
    feature = tf.range(1, size + 1, dtype=tf.float32) / size
    return 1 - position[..., None] - feature * (1 - 2 * position[..., None])


def embedded(embedding, tokens):  # (...) -> (..., features)
    """Returns the vectors of tokens, 0 for padding."""
    mask = tf.cast(tokens > 0, tf.float32)[..., None]
    return embedding(tokens) * mask
