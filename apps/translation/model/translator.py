"""An encoder, a bridge, and a decoder that attends to the encoder."""

import dataclasses

import keras
import tensorflow as tf

from apps.translation.model import portable
from apps.translation.model import serving
from apps.translation.model.arguments import Arguments
from apps.translation.model.known_words import KnownWords
from common import app_model
from common import layers
from common.app_model import NamedRows
from common.app_model import VocabularyModel
from common.data import batching
from common.generation import losses
from common.generation import scheduled_sampling
from common.generation import text_generator
from common.text import learned_tokenizers
from common.training import optimizers

# Length buckets of four tokens: batches have little padding.
BOUNDARIES = range(4, 1025, 4)
PARTS = ("source", "target", "known_words")


@keras.saving.register_keras_serializable("unroll")
class Translator(VocabularyModel, keras.Model):
    """Translates texts with a recurrent encoder-decoder network.

    Args:
      source: Tokenizer of the sources.
      target: Tokenizer of the translations.
      arguments: `Arguments`.
      known_words: `KnownWords`; None in a model that was saved before.

    Reference: Bahdanau, Cho & Bengio, Neural Machine Translation by Jointly
    Learning to Align and Translate, 2015.
    """

    def __init__(self, source, target, arguments, known_words=None, **kwargs):
        super().__init__(**kwargs)
        self.arguments, self.known_words = arguments, known_words
        self.source, self.target = source, target
        self.embed = keras.layers.Embedding(
            source.vocabulary_size(), arguments.embedding_size
        )
        self.encoder = _encoder(arguments)
        self.drop = keras.layers.SpatialDropout1D(arguments.dropout)
        self.decoder = layers.TokenDecoder(
            target.vocabulary_size(),
            arguments.embedding_size,
            arguments.cell,
            arguments.units,
            arguments.depth,
            arguments.residual,
            arguments.attention,
            arguments.input_feeding,
            arguments.tied,
            arguments.dropout,
        )
        self.bridge = keras.layers.Dense(
            sum(self.decoder.state_sizes), activation="tanh"
        )
        self.seeds = None
        if arguments.teacher_forcing < 1:
            self.seeds = keras.random.SeedGenerator()
        self.generator = text_generator.TextGenerator(
            target,
            arguments.max_tokens,
            self.start_decoding,
            serving.content_places,
        )
        self.serving = serving.Serving(
            source, self.generator, self.log_probabilities
        )

    def build(self, input_shape):
        vectors = (None, None, self.arguments.embedding_size)
        self.embed.build((None, None))
        self.encoder.build(vectors)
        self.bridge.build((None, sum(self.encoder.state_sizes)))
        memory, _ = self.encoder.compute_output_shape(vectors)
        self.decoder.build((None, None), memory)

    def call(self, inputs, training=False):
        """Returns the logits of the target tokens, (batch, steps, vocabulary).

        Args:
          inputs: A dict of "source" (batch, places), tokens with the end mark,
            and "target" (batch, steps), the token before each step; 0 is
            padding.
          training: Whether to apply dropout and scheduled sampling.
        """
        memory, mask, states = self.encode(inputs["source"], training)
        target = inputs["target"]
        teacher_forcing = self.arguments.teacher_forcing
        if training and teacher_forcing < 1:
            logits, _ = self.decoder(
                target, memory, mask, states, training=training
            )
            share = scheduled_sampling.share(
                teacher_forcing,
                self.optimizer.iterations,
                self.arguments.steps,
            )
            target = scheduled_sampling.mixed(
                target, tf.stop_gradient(logits), share, self.seeds
            )
        logits, _ = self.decoder(
            target, memory, mask, states, training=training
        )
        return logits

    def encode(self, tokens, training=False):
        """Returns the memory, its mask, and the first states of the decoder.

        Args:
          tokens: int32 (batch, places), with the end mark; 0 is padding.
          training: Whether to apply dropout.
        """
        mask = tokens > 0
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), 1)
        if self.arguments.reverse_source:
            tokens = tf.reverse_sequence(tokens, lengths, 1)
        vectors = self.embed(tokens)
        memory, states = self.encoder(vectors, mask=mask, training=training)
        if self.arguments.reverse_source:  # Back to the order of the text.
            memory = tf.reverse_sequence(memory, lengths, 1)
        memory = self.drop(memory, training=training)
        states = self.bridge(tf.concat(states, -1))
        states = tf.split(states, self.decoder.state_sizes, -1)
        states = self.decoder.get_initial_state(tf.shape(tokens)[0], states)
        return memory, mask, states

    @tf.function(
        input_signature=[tf.TensorSpec([None, None], tf.int32)],
        autograph=False,
    )
    def _traced_encode(self, tokens):
        """Encodes for all signatures; to trace it takes a second."""
        return self.encode(tokens)

    def start_decoding(self, tokens, width):
        """See `text_generator.Start`; the inputs are source tokens."""
        memory, mask, states = self._traced_encode(tokens)
        keys = self.decoder.keys(memory)
        memory, mask, keys = (
            tf.repeat(value, width, 0) for value in (memory, mask, keys)
        )

        def step(tokens, states):
            return self.decoder.step(tokens, states, memory, mask, keys)

        return step, states

    def log_probabilities(self, source, target):
        """See `serving.Serving`."""
        logits = self({"source": source, "target": target[:, :-1]})
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
            target[:, 1:], logits
        )
        return -nats

    def preprocess(self, x, y):
        target = self.generator.tokens(y["translation"])
        inputs = {
            "source": self.serving.source_tokens(x["text"]),
            "target": target[:, :-1],
        }
        return inputs, target[:, 1:]

    def batches(self, examples, batch_size):
        return batching.by_length(
            examples, self.preprocess, batch_size, BOUNDARIES
        )

    def with_decoding(self, config):
        self.generator.configure(
            app_model.arguments_from(text_generator.DecodingOptions, config)
        )
        return self

    @property
    def serve(self):
        """See `serving.Serving.translate`."""
        return self.serving.translate

    def signatures(self):
        return self.serving.signatures()

    def networks(self):
        return portable.networks_of(self)

    def assess(self, x, y):
        """See `serving.Serving.assess`."""
        return self.serving.assess(x, y)

    def count_unknown(self, text):
        """Returns the number of unknown words and of all words of texts."""
        if not self.known_words:
            return 0, 0
        return self.known_words.count_unknown(text)

    def named_rows(self):
        return {
            "source tokens": NamedRows(
                self.source.row_names(), [(self.embed.embeddings, 0)]
            ),
            "target tokens": NamedRows(
                self.target.row_names(),
                app_model.embedding_rows(self.decoder.embed),
            ),
        }

    def get_config(self):
        return {
            **super().get_config(),
            **{
                name: keras.saving.serialize_keras_object(getattr(self, name))
                for name in PARTS
            },
            **dataclasses.asdict(self.arguments),
        }

    @classmethod
    def from_config(cls, config):
        arguments, options = app_model.split_config(Arguments, config)
        parts = {
            name: keras.saving.deserialize_keras_object(options.pop(name))
            for name in PARTS
            if name in options
        }
        return cls(**parts, arguments=arguments, **options)

    @classmethod
    def create(cls, config, train, steps_per_epoch, start=None):
        sources = train.map(lambda x, y: x["text"])
        targets = train.map(lambda x, y: y["translation"])
        steps = steps_per_epoch * config.epochs
        model = cls(
            *(
                learned_tokenizers.learn(
                    config.tokenizer, texts, config.vocabulary_size, known
                )
                for texts, known in (
                    (sources, start and start.source),
                    (targets, start and start.target),
                )
            ),
            app_model.arguments_from(Arguments, config, steps=steps),
            KnownWords.learn(sources, start and start.known_words),
        )
        model.compile(
            optimizer=optimizers.cosine_adam(config.learning_rate, steps),
            loss=losses.TokenCrossentropy(config.label_smoothing),
        )
        return model


def _encoder(arguments):
    return layers.RecurrentStack(
        arguments.cell,
        arguments.units // 2 if arguments.bidirectional else arguments.units,
        arguments.depth,
        arguments.bidirectional,
        dropout=arguments.dropout,
        residual=arguments.residual,
        return_sequences=True,
        return_state=True,
    )
