"""An end-to-end memory network: reads the sentences in hops."""

import keras
import tensorflow as tf

from apps.qa import reading

JITTER = 0.1  # Empty memories, as a share of the sentences, in training.
FADE = 0.25  # Steps from linear to soft attention, as a share of the linear.


@keras.saving.register_keras_serializable("unroll")
class MemoryNetwork(keras.layers.Layer):
    """Attends to the sentences in hops, each of which asks with what it read.

    A story that is shorter than `max_sentences` is filled up with empty
    memories. They say nothing, but they share the attention: what a question
    finds little of, it reads little of, and that is how "no" is told.

    With position encoding, temporal encoding, adjacent weights, and in
    training random noise in time (the age of a sentence is that in a story
    with a tenth of empty sentences) and, in the first steps, a linear start:
    attention without its softmax. Nothing is hidden then, or chains of three
    sentences are not found; and the softmax comes in gradually, or they are
    lost.

    Args:
      vocabulary_size, answers: int; numbers of words and of answers.
      max_sentences: int; sentences of a story at most.
      units, hops: as of `QAConfig`.
      dropout: float; share of the features of what answers that are hidden
        in training; of those of the memories, half as many are.
      linear_steps: int; training steps of the linear start. A quarter as many
        follow in which the softmax takes over.

    Call arguments:
      story: int (batch, sentences, words), 0 for padding.
      question: int (batch, words).

    Returns:
      Log-odds of the answers, float (batch, answers).

    Reference: Sukhbaatar et al., End-To-End Memory Networks, 2015.
    """

    maps = "hop"

    def __init__(
        self,
        vocabulary_size,
        answers,
        max_sentences,
        units,
        hops,
        dropout,
        linear_steps,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units, self.hops = units, hops
        self.max_sentences = max_sentences
        self.ages = max_sentences + int(JITTER * max_sentences) + 1
        self.linear_steps = linear_steps
        # The vectors of all hops lie side by side: A of a hop is C of the one
        # before.
        start = keras.initializers.RandomNormal(stddev=0.1)
        self.embed = keras.layers.Embedding(
            vocabulary_size, (hops + 1) * units, start
        )
        self.age = keras.layers.Embedding(self.ages, (hops + 1) * units, start)
        self.hide = keras.layers.SpatialDropout1D(dropout / 2)
        self.drop = keras.layers.Dropout(dropout)
        self.answer = keras.layers.Dense(
            answers, use_bias=False, kernel_initializer=start
        )
        self.seeds = keras.random.SeedGenerator()

    def build(self, story_shape, question_shape):
        self.embed.build((None, None))
        self.age.build((None, None))
        self.answer.build((None, self.units))
        self.steps = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="steps"
        )

    def call(self, story, question, training=False):
        return self.explain(story, question, training)[0]

    def explain(self, story, question, training=False):
        """Returns log-odds, and how strongly each sentence was read.

        The strongest of all hops, (batch, sentences), and that of each hop,
        (batch, hops, sentences).
        """
        if training:
            self.steps.assign_add(1)
        there = tf.reduce_any(story > 0, 2)
        memories = self.remembered(story, there, training)
        soft = self.softness()
        asked = self._encoded(question)[:, : self.units]
        shares = []
        for hop in range(self.hops):
            keys, values = memories[hop], memories[hop + 1]
            scores = tf.einsum("bd,bsd->bs", asked, keys)
            linear = tf.where(there, scores, 0)
            share = linear + soft * (self.shares(scores, there) - linear)
            shares.append(share)
            asked += tf.einsum("bs,bsd->bd", share, values)
        logits = self.answer(self.hidden(self.drop, asked, training))
        shares = tf.stack(shares, 1)
        return logits, tf.reduce_max(shares, 1), shares

    def softness(self):
        """Returns how far attention is a softmax: 0 in the linear start, 1."""
        steps = self.steps + 1 - self.linear_steps
        return tf.clip_by_value(steps / max(FADE * self.linear_steps, 1), 0, 1)

    def hidden(self, dropout, features, training):
        """Returns features, some of them hidden after the linear start."""
        return tf.where(
            self.steps < self.linear_steps,
            features,
            dropout(features, training=training),
        )

    def remembered(self, story, there, training):
        """Returns the memories of all hops, each (batch, sentences, units)."""
        kept = tf.cast(there, tf.int32)
        steps = kept
        if training:
            seed = tf.cast(self.seeds.next(), tf.int32)
            noise = tf.random.stateless_uniform(tf.shape(kept), seed)
            steps += tf.cast(noise < JITTER, tf.int32) * kept
        # Of the last sentence 0, or a little more.
        age = tf.cumsum(steps, 1, reverse=True) - kept
        age = self.age(tf.clip_by_value(age, 0, self.ages - 1))
        memories = self._encoded(story) + age
        memories = self.hidden(self.hide, memories, training)
        memories *= tf.cast(there, tf.float32)[..., None]
        return tf.split(memories, self.hops + 1, -1)

    def shares(self, scores, there):  # (batch, sentences), of one sum <= 1
        """Returns how strongly sentences are read; empty memories the rest."""
        count = tf.math.count_nonzero(there, 1, True, tf.float32)
        # Each empty memory has the score 0; together, the log of their number.
        empty = tf.math.log(tf.maximum(self.max_sentences - count, 1))
        scores = tf.concat([empty, tf.where(there, scores, -1e9)], 1)
        return tf.nn.softmax(scores)[:, 1:]

    def _encoded(self, tokens):
        """Returns sentences as vectors for all hops."""
        lengths = tf.cast(tf.math.count_nonzero(tokens, -1), tf.float32)
        weights = reading.position_weights(
            lengths, tokens.shape[-1], self.units
        )
        weights = tf.tile(weights, [1] * (tokens.shape.rank) + [self.hops + 1])
        return tf.reduce_sum(reading.embedded(self.embed, tokens) * weights, -2)
