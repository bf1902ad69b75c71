"""Picture -> grid of features -> memory -> decoder with attention -> words."""

import dataclasses

import keras
import tensorflow as tf

from apps.captioning.model import arguments as arguments_lib
from apps.captioning.model import attention_cost
from apps.captioning.model import portable
from apps.captioning.model import serving
from apps.captioning.model import spatial_context
from apps.captioning.model import training_tools
from apps.captioning.model.arguments import Arguments
from apps.captioning.model.encoder import Encoder
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

PARTS = ("target", "encoder", "decoder")


@keras.saving.register_keras_serializable("unroll")
class Captioner(VocabularyModel, keras.Model):
    """A convolutional encoder, and a decoder that attends to its grid.

    Args:
      target: Tokenizer of the captions.
      encoder: An `Encoder`.
      decoder: A `layers.TokenDecoder`.
      arguments: `Arguments`.

    Attributes:
      generator: Generates captions from the features of pictures.
      serving: The functions that answer.
      tools: `TrainingTools`; None for a model that was loaded from a file.

    Reference: Vinyals et al., Show and Tell: A Neural Image Caption Generator,
    2015 (without attention); Xu et al., Show, Attend and Tell, 2015.
    """

    # The names of layers are paths of weights in model.keras.
    def __init__(self, target, encoder, decoder, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.target, self.encoder, self.decoder = target, encoder, decoder
        encoder.trainable = not arguments.fixed
        self.surroundings = spatial_context.Surroundings(
            encoder.side, decoder.units
        )
        self.drop = keras.layers.Dropout(arguments.dropout)
        self.bridge = keras.layers.Dense(
            sum(decoder.state_sizes), activation="tanh"
        )
        self.seeds = keras.random.SeedGenerator()
        self.generator = text_generator.TextGenerator(
            target, arguments.max_tokens, self._start_decoding
        )
        self.serving = serving.Serving(encoder, self.generator)
        self.tools = None

    def build(self, input_shape):
        self.surroundings.build((None, None, self.encoder.channels))
        shape = (None, None, self.surroundings.size)
        self.bridge.build(shape)
        if not self.decoder.built:  # It is, if it comes from a file.
            self.decoder.build((None, None), shape)

    def call(self, inputs, training=False):
        """Returns logits, their targets, and two terms of the loss.

        Args:
          inputs: A dict of "image": pixels (batch, size, size, 3) or, if the
            encoder is fixed, features (batch, places, channels); and
            "captions" int (batch, steps + 1, captions), tokens between start
            and end marks, 0 is padding.
          training: Whether to apply dropout, scheduled sampling and
            self-critical training.

        Returns:
          Floats (batch * captions, steps, vocabulary), int (batch * captions,
          steps), the weight of each caption (batch * captions,), and the cost
          of the attention.
        """
        grid = inputs["image"]
        if not self.arguments.fixed:
            grid = self.encoder(tf.cast(grid, tf.float32), training=training)
        captions = tf.transpose(inputs["captions"], [0, 2, 1])
        weights = tf.ones([tf.size(captions[..., 0])])
        if training:
            captions, weights = self._require_tools().captions(
                grid, captions, self.is_self_critical
            )
        tokens = tf.reshape(captions, [-1, tf.shape(captions)[2]])
        memory, states = self.encode(grid, training)
        memory, *states = (
            tf.repeat(value, tf.shape(captions)[1], 0)
            for value in (memory, *states)
        )
        read, targets = tokens[:, :-1], tokens[:, 1:]
        if training and self.arguments.teacher_forcing < 1:
            read = self._scheduled_sampling(read, memory, states)
        logits, alignments = self.decoder(
            read, memory, None, states, training=training
        )
        cost = 0.0
        factor = self.arguments.doubly_stochastic
        if training and factor and alignments is not None:
            cost = factor * attention_cost.doubly_stochastic(
                alignments, targets > 0
            )
        return logits, targets, weights, cost

    def encode(self, grid, training=False):
        """Returns the memory, and the initial states of the decoder.

        Args:
          grid: Features (batch, places, channels).
          training: Whether to apply dropout.
        """
        memory = self.surroundings(grid, training=training)
        memory = self.drop(memory, training=training)
        states = self.bridge(tf.reduce_mean(memory, 1))
        states = tf.split(states, self.decoder.state_sizes, -1)
        return memory, self.decoder.get_initial_state(tf.shape(grid)[0], states)

    @tf.function(reduce_retracing=True, autograph=False)
    def _traced_encode(self, grid):
        """Encodes for all signatures; to trace it takes a second."""
        return self.encode(grid)

    def _start_decoding(self, grid, rows):
        """See `text_generator.Start`."""
        memory, states = self._traced_encode(grid)
        keys = self.decoder.keys(memory)
        memory, keys = (tf.repeat(value, rows, 0) for value in (memory, keys))

        def step(tokens, states):
            return self.decoder.step(tokens, states, memory, None, keys)

        return step, states

    # Training.

    def _require_tools(self):
        if self.tools is None:
            raise RuntimeError(
                "A captioner that was loaded from a file cannot be trained: "
                "`Captioner.create` returns one that can."
            )
        return self.tools

    def preprocess(self, x, y):
        return self._require_tools().inputs(x, y)

    def batches(self, examples, batch_size):
        return self._require_tools().inputs.batches(examples, batch_size)

    def is_self_critical(self):
        """Returns whether the current step is one of self-critical training."""
        return self.optimizer.iterations >= self.arguments.self_critical_from

    def _scheduled_sampling(self, read, memory, states):
        """Replaces a share of the tokens that the decoder reads."""
        logits, _ = self.decoder(read, memory, None, states, training=True)
        share = scheduled_sampling.share(
            self.arguments.teacher_forcing,
            self.optimizer.iterations,
            self.arguments.steps,
        )
        share = tf.where(self.is_self_critical(), 0.0, share)
        return scheduled_sampling.mixed(
            read, tf.stop_gradient(logits), share, self.seeds
        )

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        logits, targets, weights, cost = y_pred
        smoothing = self.arguments.label_smoothing
        if smoothing and self.arguments.has_self_critical_steps:
            smoothing = tf.where(self.is_self_critical(), 0.0, smoothing)
        loss = losses.token_crossentropy(targets, logits, smoothing, weights)
        return loss + cost

    # Answers.

    def with_decoding(self, config):
        self.generator.configure(
            text_generator.DecodingOptions(
                config.beam_width, config.length_penalty
            )
        )
        return self

    @property
    def features(self):
        """See `serving.Serving.features`."""
        return self.serving.features

    @property
    def serve(self):
        """See `serving.Serving.describe`."""
        return self.serving.describe

    def signatures(self):
        return self.serving.signatures()

    def networks(self):
        return portable.networks_of(self)

    # Files.

    def named_rows(self):
        rows = app_model.embedding_rows(self.decoder.embed)
        return {"tokens": NamedRows(self.target.row_names(), rows)}

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
        }
        return cls(**parts, arguments=arguments, **options)

    @classmethod
    def create(cls, config, train, steps_per_epoch, start=None):
        captions = batching.targets(train)["captions"]
        texts = training_tools.normalized(captions[captions != b""])
        target = learned_tokenizers.learn(
            config.tokenizer,
            tf.data.Dataset.from_tensor_slices(texts),
            config.vocabulary_size,
            start and start.target,
        )
        encoder = Encoder(
            config.encoder, config.image_size, bool(config.encoder_weights)
        )
        decoder = layers.TokenDecoder(
            target.vocabulary_size(),
            embedding_size=config.embedding_size,
            cell=config.cell,
            units=config.units,
            depth=config.depth,
            residual=False,
            attention=config.attention,
            input_feeding=config.input_feeding,
            tied=config.tied,
            dropout=config.dropout,
        )
        arguments = arguments_lib.derived(config, captions, steps_per_epoch)
        model = cls(target, encoder, decoder, arguments)
        if config.encoder_weights:
            encoder.start_from(config.encoder_weights)
        model.tools = training_tools.TrainingTools(model, captions)
        model.compile(
            optimizers.cosine_adam(
                config.learning_rate,
                max(1, arguments.self_critical_from),
                0.05 if arguments.has_self_critical_steps else 0.0,
            )
        )
        return model
