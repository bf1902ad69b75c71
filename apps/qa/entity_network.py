"""A recurrent entity network: keeps a record of each entity while it reads."""

import keras
import tensorflow as tf

from apps.qa import reading
from common import layers


@keras.saving.register_keras_serializable("unroll")
class EntityNetwork(keras.layers.Layer):
    r"""A gated memory of keys and values reads on; the question reads it.

    $p = softmax(q \cdot h_j)$, $u = \sum_j p_j h_j$,
    $y = R \phi(q + H u)$.

    Args:
      vocabulary_size, answers: int; numbers of words and of answers.
      max_words: int; words of a sentence at most.
      units, slots, dropout: as of `QAConfig`.

    Call arguments:
      story: int (batch, sentences, words), 0 for padding.
      question: int (batch, words).

    Returns:
      Log-odds of the answers, float (batch, answers).

    Reference: Henaff et al., Tracking the World State with Recurrent Entity
    Networks, 2017.
    """

    maps = "memory"

    def __init__(
        self,
        vocabulary_size,
        answers,
        max_words,
        units,
        slots,
        dropout,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units, self.slots = units, slots
        start = keras.initializers.RandomNormal(stddev=0.1)
        self.embed = keras.layers.Embedding(vocabulary_size, units, start)
        self.read_story = reading.SentenceReader(max_words)
        self.read_question = reading.SentenceReader(max_words)
        self.drop = keras.layers.SpatialDropout1D(dropout)
        self.cell = layers.EntityCell(
            units,
            slots,
            kernel_initializer=start,
            recurrent_initializer=start,
            key_initializer=start,
        )
        self.memory = layers.RNN(self.cell, return_sequences=True)
        self.mix = keras.layers.Dense(
            units, use_bias=False, kernel_initializer=start
        )
        self.rectify = keras.layers.PReLU("ones")
        self.answer = keras.layers.Dense(
            answers, use_bias=False, kernel_initializer=start
        )

    def build(self, story_shape, question_shape):
        vectors = (None, None, self.units)
        self.embed.build((None, None))
        self.read_story.build(vectors)
        self.read_question.build(vectors)
        self.memory.build(vectors)
        for layer in self.mix, self.rectify, self.answer:
            layer.build((None, self.units))

    def call(self, story, question, training=False):
        sentences = self.read_story(reading.embedded(self.embed, story))
        sentences = self.drop(sentences, training=training)
        values = self._values(sentences, story, training)
        return self._judge(values, question)

    def _values(self, sentences, story, training=False):
        """Returns the memory after each sentence."""
        there = tf.reduce_any(story > 0, 2)
        return self.memory(sentences, mask=there, training=training)

    def _judge(self, values, question):
        """Returns the log-odds from the last values."""
        last = tf.reshape(values[:, -1], [-1, self.slots, self.units])
        asked = self.read_question(reading.embedded(self.embed, question))
        shares = tf.nn.softmax(tf.einsum("bd,bjd->bj", asked, last))
        found = tf.einsum("bj,bjd->bd", shares, last)
        return self.answer(self.rectify(asked + self.mix(found)))

    def explain(self, story, question):
        """Returns log-odds, the influence of each sentence, and the gates.

        (batch, sentences), and how far each sentence opened each slot,
        (batch, slots, sentences).
        """
        there = tf.reduce_any(story > 0, 2)
        sentences = self.read_story(reading.embedded(self.embed, story))
        logits, shares = reading.influence(
            sentences,
            lambda vectors: self._judge(self._values(vectors, story), question),
        )
        gates = self.cell.gates(sentences, self._values(sentences, story))
        gates = tf.transpose(gates, [0, 2, 1])
        return logits, shares, tf.where(there[:, None], gates, 0)
