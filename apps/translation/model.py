"""Tokens -> memory and first states -> attention, states, tokens -> text."""

import keras
import tensorflow as tf

from apps.translation import translating
from common import layers
from common.app_model import AppModel
from common.generation import losses
from common.generation import scheduled_sampling
from common.text import tokenizers

# Arguments of the model that are options of the app.
OPTIONS = (
    "max_tokens",
    "embedding_size",
    "cell",
    "units",
    "depth",
    "bidirectional",
    "residual",
    "reverse_source",
    "attention",
    "input_feeding",
    "tied",
    "dropout",
    "teacher_forcing",
)
READ = keras.saving.deserialize_keras_object
WRITE = keras.saving.serialize_keras_object


@keras.saving.register_keras_serializable("unroll")
class Translator(translating.Translating, AppModel, keras.Model):
    """An encoder, a bridge, and a decoder that attends to the encoder.

    Args:
      source: tokenizer of the sentences that are read.
      target: tokenizer of those that are written.
      max_tokens: int; tokens read and written of a sentence.
      embedding_size, cell, units, depth, residual, attention, input_feeding,
        tied, dropout: as of `layers.TokenDecoder`; the encoder has the same.
      bidirectional: whether the encoder reads backwards, too, with half of
        the units in each direction.
      reverse_source: whether the encoder reads the last token first
        (Sutskever et al. 2014).
      teacher_forcing: float; at the last training step, the share of the
        tokens read by the decoder that are the target's, and not its own
        (scheduled sampling). It falls from 1 in a straight line.
      steps: int; training steps until then.

    Reference: Bahdanau, Cho & Bengio, Neural Machine Translation by Jointly
    Learning to Align and Translate, 2015.
    """

    # Lengths by four tokens: a batch has little padding.
    buckets = range(4, 1025, 4)

    def __init__(
        self,
        source,
        target,
        max_tokens,
        embedding_size,
        cell,
        units,
        depth,
        bidirectional,
        residual,
        reverse_source,
        attention,
        input_feeding,
        tied,
        dropout,
        teacher_forcing,
        steps,
        **kwargs,
    ):
        arguments = locals()
        super().__init__(**kwargs)
        self.arguments = {name: arguments[name] for name in (*OPTIONS, "steps")}
        self.source, self.target = source, target
        self.max_tokens = max_tokens
        self.reverse_source = reverse_source
        self.embed = keras.layers.Embedding(
            source.vocabulary_size(), embedding_size
        )
        self.encoder = layers.RecurrentStack(
            cell,
            units // 2 if bidirectional else units,
            depth,
            bidirectional,
            dropout=dropout,
            residual=residual,
            return_sequences=True,
            return_state=True,
        )
        self.drop = keras.layers.SpatialDropout1D(dropout)
        self.decoder = layers.TokenDecoder(
            target.vocabulary_size(),
            embedding_size,
            cell,
            units,
            depth,
            residual,
            attention,
            input_feeding,
            tied,
            dropout,
        )
        self.bridge = keras.layers.Dense(
            sum(self.decoder.state_sizes), activation="tanh"
        )
        self.teacher_forcing, self.steps = teacher_forcing, steps
        self.seeds = None
        if teacher_forcing < 1:
            self.seeds = keras.random.SeedGenerator()

    def build(self, input_shape):
        vectors = (None, None, self.arguments["embedding_size"])
        self.embed.build((None, None))
        self.encoder.build(vectors)
        self.bridge.build((None, sum(self.encoder.state_sizes)))
        memory, _ = self.encoder.compute_output_shape(vectors)
        self.decoder.build((None, None), memory)

    def call(self, inputs, training=False):
        """Returns the logits of the target tokens, (batch, steps, n).

        Args:
          inputs: a dict of "source" (batch, places), tokens with the mark of
            the end, and "target" (batch, steps), the token before each step;
            0 is padding.
          training: whether to apply dropout and scheduled sampling.
        """
        memory, mask, states = self.encode(inputs["source"], training)
        target = inputs["target"]
        if training and self.teacher_forcing < 1:
            logits, _ = self.decoder(
                target, memory, mask, states, training=training
            )
            share = scheduled_sampling.share(
                self.teacher_forcing, self.optimizer.iterations, self.steps
            )
            target = scheduled_sampling.mixed(
                target, tf.stop_gradient(logits), share, self.seeds
            )
        logits, _ = self.decoder(
            target, memory, mask, states, training=training
        )
        return logits

    def encode(self, tokens, training=False):
        """Returns the memory, its mask, and the decoder's first states."""
        mask = tokens > 0
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), 1)
        if self.reverse_source:
            tokens = tf.reverse_sequence(tokens, lengths, 1)
        vectors = self.embed(tokens)
        memory, states = self.encoder(vectors, mask=mask, training=training)
        if self.reverse_source:  # A place of the memory is one of the text.
            memory = tf.reverse_sequence(memory, lengths, 1)
        memory = self.drop(memory, training=training)
        states = self.bridge(tf.concat(states, -1))
        states = tf.split(states, self.decoder.state_sizes, -1)
        states = self.decoder.get_initial_state(tf.shape(tokens)[0], states)
        return memory, mask, states

    def start(self, tokens, width):
        memory, mask, states = self.encode(tokens)
        keys = self.decoder.keys(memory)
        memory, mask, keys = (
            tf.repeat(value, width, 0) for value in (memory, mask, keys)
        )

        def step(tokens, states):
            return self.decoder.step(tokens, states, memory, mask, keys)

        return step, states

    def log_probabilities(self, source, target):
        logits = self({"source": source, "target": target[:, :-1]})
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
            target[:, 1:], logits
        )
        return -nats

    def preprocess(self, x, y):
        target = self.target_tokens(y)
        inputs = {"source": self.source_tokens(x["text"])}
        return {**inputs, "target": target[:, :-1]}, target[:, 1:]

    def get_config(self):
        return {
            **super().get_config(),
            "source": WRITE(self.source),
            "target": WRITE(self.target),
            **self.arguments,
        }

    @classmethod
    def from_config(cls, config):
        parts = {name: READ(config[name]) for name in ("source", "target")}
        return cls(**{**config, **parts})

    @classmethod
    def create(cls, config, train):
        kind, size = config.tokens, config.vocabulary_size
        steps = -(-int(train.cardinality()) // config.batch_size)
        steps *= config.epochs
        model = cls(
            tokenizers.learn(kind, train.map(lambda x, y: x["text"]), size),
            tokenizers.learn(kind, train.map(lambda x, y: y), size),
            **{name: getattr(config, name) for name in OPTIONS},
            steps=steps,
        )
        model.compile(
            optimizer=keras.optimizers.Adam(
                keras.optimizers.schedules.CosineDecay(
                    config.learning_rate, steps
                )
            ),
            loss=losses.TokenCrossentropy(config.label_smoothing),
        )
        return model
