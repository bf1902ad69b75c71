"""An end-to-end memory network: attends to the sentences in several hops."""

import keras
import tensorflow as tf

from apps.qa.model import sentence_vectors

NOISE = 0.1  # Empty memories added in training, as a share of the sentences.
FADE = 0.25  # Steps from linear to softmax attention, relative to the linear.


@keras.saving.register_keras_serializable("unroll")
class MemoryNetwork(keras.layers.Layer):
    """Attends to the sentences; each hop adds what it read to the query.

    A story that is shorter than `max_sentences` is filled up with empty
    memories. They contribute nothing, but take a share of the attention: if no
    sentence matches the question, little is read, which makes it possible to
    answer "no".

    The network has position encoding, temporal encoding and adjacent weights.
    In training, there is random noise in time: the age of a sentence is that
    in a story with a tenth of empty sentences. The first steps are a linear
    start: attention without its softmax, and no dropout, with which chains of
    three sentences are not learned. Then the softmax is enabled gradually;
    enabled at once, it can make the network forget these chains.

    Args:
      vocabulary_size: int; number of words.
      answers: int; number of answers.
      max_sentences: int; maximum number of sentences of a story.
      units: int; size of each memory.
      hops: int; number of attention steps.
      dropout: float; dropout rate of the summary; that of the memories is
        half of it.
      linear_steps: int; training steps of the linear start. In a quarter of
        that number, the softmax is then enabled.

    Call arguments:
      story: int (batch, sentences, words), 0 for padding.
      question: int (batch, words).
      training: Whether to apply dropout and noise.

    Returns:
      Logits of the answers, float (batch, answers).

    Reference: Sukhbaatar et al., End-To-End Memory Networks, 2015.
    """

    map_rows = "hop"

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
        self.ages = max_sentences + int(NOISE * max_sentences) + 1
        self.linear_steps = linear_steps
        # The vectors of all hops are concatenated. Adjacent weights: the
        # values of a hop are the keys of the next one.
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

    @staticmethod
    def options(config, max_words, steps_per_epoch):
        """Returns the arguments that follow from the options of a run."""
        return {
            "max_sentences": config.max_sentences,
            "units": config.units,
            "hops": config.hops,
            "dropout": config.dropout,
            "linear_steps": steps_per_epoch * config.linear_epochs,
        }

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
        """Returns logits and how strongly each sentence was read.

        Returns:
          Logits (batch, answers); the strongest attention of all hops (batch,
          sentences); and that of each hop (batch, hops, sentences).
        """
        if training:
            self.steps.assign_add(1)
        mask = tf.reduce_any(story > 0, 2)
        memories = self.memories(story, mask, training)
        softness = self.softness()
        query = self._encoded(question)[:, : self.units]
        shares = []
        for hop in range(self.hops):
            keys, values = memories[hop], memories[hop + 1]
            scores = tf.einsum("bd,bsd->bs", query, keys)
            linear = tf.where(mask, scores, 0)
            soft = self.attention(scores, mask)
            share = linear + softness * (soft - linear)
            shares.append(share)
            query += tf.einsum("bs,bsd->bd", share, values)
        logits = self.answer(self.dropped(self.drop, query, training))
        shares = tf.stack(shares, 1)
        return logits, tf.reduce_max(shares, 1), shares

    def softness(self):
        """Returns the share of the softmax in attention: 0 at first, then 1."""
        steps = self.steps + 1 - self.linear_steps
        return tf.clip_by_value(steps / max(FADE * self.linear_steps, 1), 0, 1)

    def dropped(self, dropout, features, training):
        """Applies dropout, except in the linear start."""
        return tf.where(
            self.steps < self.linear_steps,
            features,
            dropout(features, training=training),
        )

    def memories(self, story, mask, training):
        """Returns the memories of all hops, (batch, sentences, units) each.

        Args:
          story: int (batch, sentences, words).
          mask: bool (batch, sentences); False for padding.
          training: Whether to apply dropout and noise in time.
        """
        present = tf.cast(mask, tf.int32)
        steps = present
        if training:
            seed = tf.cast(self.seeds.next(), tf.int32)
            noise = tf.random.stateless_uniform(tf.shape(present), seed)
            steps += tf.cast(noise < NOISE, tf.int32) * present
        # 0 for the last sentence, or a little more with noise.
        age = tf.cumsum(steps, 1, reverse=True) - present
        age = self.age(tf.clip_by_value(age, 0, self.ages - 1))
        memories = self._encoded(story) + age
        memories = self.dropped(self.hide, memories, training)
        memories *= tf.cast(mask, tf.float32)[..., None]
        return tf.split(memories, self.hops + 1, -1)

    def attention(self, scores, mask):  # -> (batch, sentences), sum <= 1
        """Returns the softmax over sentences and empty memories.

        Args:
          scores: float (batch, sentences).
          mask: bool (batch, sentences); False for padding.
        """
        count = tf.math.count_nonzero(mask, 1, True, tf.float32)
        # An empty memory has the score 0; all together, the log of their
        # number.
        empty = tf.math.log(tf.maximum(self.max_sentences - count, 1))
        scores = tf.concat([empty, tf.where(mask, scores, -1e9)], 1)
        return tf.nn.softmax(scores)[:, 1:]

    def _encoded(self, tokens):
        """Returns the vectors of sentences for all hops."""
        lengths = tf.cast(tf.math.count_nonzero(tokens, -1), tf.float32)
        weights = sentence_vectors.position_weights(
            lengths, tokens.shape[-1], self.units
        )
        weights = tf.tile(weights, [1] * tokens.shape.rank + [self.hops + 1])
        vectors = sentence_vectors.embedded(self.embed, tokens)
        return tf.reduce_sum(vectors * weights, -2)
