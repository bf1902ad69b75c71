"""Reads the question, the story, and the question again, word by word."""

import keras
import tensorflow as tf

from apps.qa.model import attribution
from apps.qa.model import sentence_vectors
from common import layers


@keras.saving.register_keras_serializable("unroll")
class LSTMNetwork(keras.layers.Layer):
    """One recurrent network reads all words; its last state gives the answer.

    Question and story go through the same layers. The question comes first,
    so that the network knows what to look for, and again at the end.

    Args:
      vocabulary_size: int; number of words.
      answers: int; number of answers.
      embedding_size: int; size of the word vectors.
      cell: str; see `layers.RecurrentStack`, as for the next two.
      units: int; units of each layer.
      depth: int; number of recurrent layers.
      dropout: float; dropout rate between the layers, and of the last state.

    Call arguments:
      story: int (batch, sentences, words), 0 for padding.
      question: int (batch, words).
      training: Whether to apply dropout.

    Returns:
      Logits of the answers, float (batch, answers).

    Reference: Weston et al., Towards AI-Complete Question Answering: A Set of
    Prerequisite Toy Tasks, 2015 (its baseline).
    """

    map_rows = "influence"

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

    @staticmethod
    def options(config, max_words, steps_per_epoch):
        """Returns the arguments that follow from the options of a run."""
        return {
            "embedding_size": config.embedding_size,
            "cell": config.cell,
            "units": config.units,
            "depth": config.depth,
            "dropout": config.dropout,
        }

    def build(self, story_shape, question_shape):
        self.embed.build((None, None))
        self.read.build((None, None, self.embedding_size))
        self.answer.build((None, self.units))

    def call(self, story, question, training=False):
        vectors = sentence_vectors.embedded(self.embed, story)
        return self._classify(vectors, story, question, training)

    def explain(self, story, question):
        """Returns logits and the contribution of each sentence.

        Returns:
          Logits (batch, answers); contributions (batch, sentences); and the
          same as one map (batch, 1, sentences).
        """
        vectors = sentence_vectors.embedded(self.embed, story)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(vectors)
            logits = self._classify(vectors, story, question)
        shares = attribution.gradient_times_input(tape, logits, vectors)
        return logits, shares, shares[:, None]

    def _classify(self, vectors, story, question, training=False):
        """Returns the logits from the vectors of the words of the story."""
        batch = tf.shape(story)[0]
        query = self.embed(question)
        words = tf.reshape(vectors, [batch, -1, self.embedding_size])
        words = tf.concat([query, words, query], 1)
        tokens = tf.reshape(story, [batch, -1])
        mask = tf.concat([question, tokens, question], 1) > 0
        # Without the padding between sentences, which would cost steps.
        words = tf.ragged.boolean_mask(words, mask)
        state = self.read(
            words.to_tensor(),
            mask=tf.sequence_mask(words.row_lengths()),
            training=training,
        )
        return self.answer(self.drop(state, training=training))
