"""Reads the question, the story, and the question again, word by word."""

import keras
import tensorflow as tf

from apps.qa import reading
from common import layers


@keras.saving.register_keras_serializable("unroll")
class LSTMNetwork(keras.layers.Layer):
    """One recurrent network reads all words; its last state answers.

    Question and story go through the same layers. The question comes first,
    so that the network knows what to look for, and again at the end.

    Args:
      vocabulary_size, answers: int; numbers of words and of answers.
      embedding_size, cell, units, depth, dropout: as of `QAConfig`.

    Call arguments:
      story: int (batch, sentences, words), 0 for padding.
      question: int (batch, words).

    Returns:
      Log-odds of the answers, float (batch, answers).

    Reference: Weston et al., Towards AI-Complete Question Answering: A Set of
    Prerequisite Toy Tasks, 2015 (its baseline).
    """

    maps = "influence"

    def __init__(
        self,
        vocabulary_size,
        answers,
        embedding_size,
        cell,
        units,
        depth,
        dropout,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.embed = keras.layers.Embedding(vocabulary_size, embedding_size)
        self.read = layers.RecurrentStack(cell, units, depth, dropout=dropout)
        self.drop = keras.layers.Dropout(dropout)
        self.answer = keras.layers.Dense(answers)
        self.embedding_size, self.units = embedding_size, units

    def build(self, story_shape, question_shape):
        self.embed.build((None, None))
        self.read.build((None, None, self.embedding_size))
        self.answer.build((None, self.units))

    def call(self, story, question, training=False):
        vectors = reading.embedded(self.embed, story)
        return self._judge(vectors, story, question, training)

    def _judge(self, vectors, story, question, training=False):
        """Returns the log-odds from the vectors of the story's words."""
        batch = tf.shape(story)[0]
        asked = self.embed(question)
        words = tf.reshape(vectors, [batch, -1, self.embedding_size])
        words = tf.concat([asked, words, asked], 1)
        tokens = tf.reshape(story, [batch, -1])
        there = tf.concat([question, tokens, question], 1) > 0
        # Without the padding between sentences: it would cost steps.
        words = tf.ragged.boolean_mask(words, there)
        state = self.read(
            words.to_tensor(),
            mask=tf.sequence_mask(words.row_lengths()),
            training=training,
        )
        return self.answer(self.drop(state, training=training))

    def explain(self, story, question):
        """Returns log-odds, and the influence of each sentence.

        (batch, sentences), and the same as (batch, 1, sentences).
        """
        logits, shares = reading.influence(
            reading.embedded(self.embed, story),
            lambda vectors: self._judge(vectors, story, question),
        )
        return logits, shares, shares[:, None]
