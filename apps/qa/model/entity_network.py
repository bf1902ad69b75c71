"""A recurrent entity network: keeps a memory of each entity while it reads."""

import keras
import tensorflow as tf

from apps.qa.model import attribution
from apps.qa.model import sentence_vectors
from common import layers


@keras.saving.register_keras_serializable("unroll")
class EntityNetwork(keras.layers.Layer):
    r"""Reads the story into a gated memory, which the question attends to.

    The memory has keys and values, see `layers.EntityCell`. With its last
    values $h_j$ and the question $q$: $p = softmax(q \cdot h_j)$,
    $u = \sum_j p_j h_j$, $y = R \phi(q + H u)$.

    Args:
      vocabulary_size: int; number of words.
      answers: int; number of answers.
      max_words: int; maximum number of words of a sentence.
      units: int; size of each memory slot.
      slots: int; number of memory slots.
      dropout: float; dropout rate of the sentence vectors.

    Call arguments:
      story: int (batch, sentences, words), 0 for padding.
      question: int (batch, words).
      training: Whether to apply dropout.

    Returns:
      Logits of the answers, float (batch, answers).

    Reference: Henaff et al., Tracking the World State with Recurrent Entity
    Networks, 2017.
    """

    map_rows = "memory"

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
        self.read_story = sentence_vectors.SentenceReader(max_words)
        self.read_question = sentence_vectors.SentenceReader(max_words)
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

    @staticmethod
    def options(config, max_words, steps_per_epoch):
        """Returns the arguments that follow from the options of a run."""
        return {
            "units": config.units,
            "slots": config.slots,
            "dropout": config.dropout,
            "max_words": max_words,
        }

    def build(self, story_shape, question_shape):
        vectors = (None, None, self.units)
        self.embed.build((None, None))
        self.read_story.build(vectors)
        self.read_question.build(vectors)
        self.memory.build(vectors)
        for layer in self.mix, self.rectify, self.answer:
            layer.build((None, self.units))

    def call(self, story, question, training=False):
        sentences = self.drop(self._sentences(story), training=training)
        values = self._values(sentences, story, training)
        return self._classify(values, question)

    def explain(self, story, question):
        """Returns logits and how strongly each sentence was read.

        Returns:
          Logits (batch, answers); the contribution of each sentence (batch,
          sentences); and how far each sentence opened the gate of each slot
          (batch, slots, sentences).
        """
        sentences = self._sentences(story)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(sentences)
            values = self._values(sentences, story)
            logits = self._classify(values, question)
        shares = attribution.gradient_times_input(tape, logits, sentences)
        gates = self.cell.gates(sentences, values)
        gates = tf.transpose(gates, [0, 2, 1])
        return logits, shares, tf.where(_mask(story)[:, None], gates, 0)

    def _sentences(self, story):
        """Returns the vector of each sentence, (batch, sentences, units)."""
        return self.read_story(sentence_vectors.embedded(self.embed, story))

    def _values(self, sentences, story, training=False):
        """Returns the memory after each sentence."""
        return self.memory(sentences, mask=_mask(story), training=training)

    def _classify(self, values, question):
        """Returns the logits from the memory after each sentence."""
        last = tf.reshape(values[:, -1], [-1, self.slots, self.units])
        query = self.read_question(
            sentence_vectors.embedded(self.embed, question)
        )
        shares = tf.nn.softmax(tf.einsum("bd,bjd->bj", query, last))
        summary = tf.einsum("bj,bjd->bd", shares, last)
        return self.answer(self.rectify(query + self.mix(summary)))


def _mask(story):
    """Returns which sentences are not padding, (batch, sentences)."""
    return tf.reduce_any(story > 0, 2)
