"""Sentences and questions as vectors."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("unroll")
class SentenceReader(keras.layers.Layer):
    r"""Adds up the vectors of the words, weighted by a learned mask.

    $s = \sum_i f_i \odot e_i$: the weight of each feature depends on the
    place of the word, so that the order of the words counts.

    Args:
      max_words: int; words of a sentence at most.

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


def position_weights(lengths: tf.Tensor, words: int, size: int) -> tf.Tensor:
    """Returns weights of the features of each word, by its place.

    $l_{kj} = (1 - j/J) - (k/d)(1 - 2j/J)$ for the feature k of d and the word
    j of J: "position encoding", Sukhbaatar et al. 2015, 4.1.

    Args:
      lengths: float (...); words of each sentence.
      words: the places of words, padding included.
      size: features.

    Returns:
      float (..., words, size); of padding, too.
    """
    place = tf.range(1, words + 1, dtype=tf.float32)
    place = place / tf.maximum(lengths, 1)[..., None]  # (..., words)
    feature = tf.range(1, size + 1, dtype=tf.float32) / size
    return 1 - place[..., None] - feature * (1 - 2 * place[..., None])


def embedded(embedding, tokens: tf.Tensor) -> tf.Tensor:
    """Returns the vectors of tokens, 0 for padding, (..., features)."""
    there = tf.cast(tokens > 0, tf.float32)[..., None]
    return embedding(tokens) * there


def influence(vectors: tf.Tensor, judge) -> tuple:
    """Returns what `judge` says, and how much each sentence had to do with it.

    Gradient times input of the best answer's log-odds, the sum over all that
    a sentence consists of, as a share of that of all sentences.

    Args:
      vectors: float (batch, sentences, ...), 0 for padding.
      judge: a function from `vectors` to log-odds (batch, answers).

    Returns:
      Log-odds (batch, answers), and shares (batch, sentences).

    Reference: Simonyan et al., Deep Inside Convolutional Networks, 2014;
    Shrikumar et al., Learning Important Features Through Propagating
    Activation Differences, 2017.
    """
    with tf.GradientTape() as tape:
        tape.watch(vectors)
        logits = judge(vectors)
        best = tf.reduce_max(logits, -1)
    moved = tape.gradient(best, vectors) * vectors
    moved = tf.abs(tf.reduce_sum(moved, list(range(2, moved.shape.rank))))
    total = tf.reduce_sum(moved, 1, keepdims=True)
    return logits, tf.math.divide_no_nan(moved, total)
