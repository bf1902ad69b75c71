"""Features of a picture -> memory and first states -> attention -> words."""

import keras
import tensorflow as tf

from apps.captioning import learning
from apps.captioning import surroundings
from apps.captioning.describing import Describing
from apps.captioning.encoder import Encoder
from apps.captioning.self_critical import SelfCritical
from common import layers
from common.data import downloads
from common.data import feature_cache
from common.text import tokenizers

MOST_CAPTIONS = 5  # Of a picture.
# In a step, where the encoder learns: the more pictures it sees.
FEW_CAPTIONS = 1
# Of the app, which the decoder and the model take as they are.
OF_DECODER = (
    "embedding_size",
    "cell",
    "units",
    "depth",
    "attention",
    "input_feeding",
    "tied",
    "dropout",
)
OF_MODEL = (
    "dropout",
    "max_tokens",
    "teacher_forcing",
    "label_smoothing",
    "doubly_stochastic",
)
PARTS = ("target", "encoder", "decoder")
OWN = ("fixed", "captions", "drawn", "steps", "self_critical_from")
READ = keras.saving.deserialize_keras_object
WRITE = keras.saving.serialize_keras_object


@keras.saving.register_keras_serializable("unroll")
class Captioner(Describing, learning.Learning, keras.Model):
    """A convolutional encoder, and a decoder that attends to its grid.

    Args:
      target: tokenizer of the captions.
      encoder: an `Encoder`.
      decoder: a `layers.TokenDecoder`.
      fixed: whether the encoder stays as it is.
      dropout: float; share of the features hidden in training.
      max_tokens: int; tokens of a caption.
      captions: int; of a picture.
      drawn: int; how many of them are drawn for a training step.
      steps: int; of training.
      self_critical_from: int; the step from which captions that the model
        draws are judged; `steps` for never.
      teacher_forcing: float; at the last step, the share of the tokens read
        by the decoder that are the target's (scheduled sampling).
      label_smoothing: as of `losses.token_crossentropy`.
      doubly_stochastic: float; weight of the mean square, over places, of
        what the attention paid to a place over all steps lacks of 1.

    Reference: Vinyals et al., Show and Tell: A Neural Image Caption Generator,
    2015 (without attention); Xu et al., Show, Attend and Tell, 2015.
    """

    def __init__(
        self,
        target,
        encoder,
        decoder,
        fixed,
        dropout,
        max_tokens,
        captions,
        drawn,
        steps,
        self_critical_from,
        teacher_forcing,
        label_smoothing,
        doubly_stochastic,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.target, self.encoder, self.decoder = target, encoder, decoder
        self.fixed, encoder.trainable = fixed, not fixed
        self.dropout = dropout
        self.max_tokens = max_tokens
        self.captions, self.drawn = captions, drawn
        self.steps, self.self_critical_from = steps, self_critical_from
        self.teacher_forcing = teacher_forcing
        self.label_smoothing = label_smoothing
        self.doubly_stochastic = doubly_stochastic
        self.surroundings = surroundings.Surroundings(
            encoder.side, decoder.units
        )
        self.drop = keras.layers.Dropout(dropout)
        self.bridge = keras.layers.Dense(
            sum(decoder.state_sizes), activation="tanh"
        )
        self.seeds = keras.random.SeedGenerator()
        # What training needs, and nothing else.
        self.cache = self.self_critical = None

    def build(self, input_shape):
        self.surroundings.build((None, None, self.encoder.channels))
        shape = (None, None, self.surroundings.size)
        self.bridge.build(shape)
        if not self.decoder.built:  # As it is when it comes from a file.
            self.decoder.build((None, None), shape)

    def call(self, inputs, training=False):
        """Returns logits, their targets, and what counts beside them.

        Args:
          inputs: a dict of "image": pixels (batch, size, size, 3) or, of an
            encoder that is fixed, its features (batch, places, channels); and
            "captions" int (batch, steps + 1, captions), tokens between the
            marks, 0 is padding.
          training: whether to apply dropout, scheduled sampling, and
            self-critical training.

        Returns:
          Floats (batch * captions, steps, vocabulary), int (batch * captions,
          steps), the weight of each caption (batch * captions,), and what the
          attention costs.
        """
        grid = inputs["image"]
        if not self.fixed:
            grid = self.encoder(tf.cast(grid, tf.float32), training=training)
        captions = references = tf.transpose(inputs["captions"], [0, 2, 1])
        if training and self.drawn < self.captions:
            captions = learning.some(captions, self.drawn, self.seeds)
        weights = tf.ones([tf.size(captions[..., 0])])
        if training and self.self_critical:
            captions, weights = tf.cond(
                self.is_self_critical(),
                lambda: self.self_critical.drawn(self, grid, references),
                lambda: (captions, weights),
            )
        tokens = tf.reshape(captions, [-1, tf.shape(captions)[2]])
        memory, states = self.look(grid, training)
        memory, *states = (
            tf.repeat(value, tf.shape(captions)[1], 0)
            for value in (memory, *states)
        )
        read, targets = tokens[:, :-1], tokens[:, 1:]
        if training and self.teacher_forcing < 1:
            read = self.scheduled(read, memory, states)
        logits, alignments = self.decoder(
            read, memory, None, states, training=training
        )
        cost = 0.0
        if training and self.doubly_stochastic and alignments is not None:
            there = tf.cast(targets > 0, tf.float32)[..., None]
            paid = tf.reduce_sum(alignments * there, 1)
            cost = self.doubly_stochastic * tf.reduce_mean((1 - paid) ** 2)
        return logits, targets, weights, cost

    def look(self, grid, training=False):
        memory = self.surroundings(grid, training=training)
        memory = self.drop(memory, training=training)
        states = self.bridge(tf.reduce_mean(memory, 1))
        states = tf.split(states, self.decoder.state_sizes, -1)
        return memory, self.decoder.get_initial_state(tf.shape(grid)[0], states)

    def get_config(self):
        return {
            **super().get_config(),
            **{name: WRITE(getattr(self, name)) for name in PARTS},
            **{name: getattr(self, name) for name in (*OF_MODEL, *OWN)},
        }

    @classmethod
    def from_config(cls, config):
        parts = {name: READ(config[name]) for name in PARTS}
        return cls(**{**config, **parts})

    @classmethod
    def create(cls, config, train):
        lines = tf.stack([y for _, y in train])
        texts = cls.plain(tf.strings.split(lines, "\n").flat_values)
        target = tokenizers.learn(
            config.tokens,
            tf.data.Dataset.from_tensor_slices(texts),
            config.vocabulary_size,
        )
        most = tf.reduce_max(tf.strings.split(lines, "\n").row_lengths())
        captions = min(MOST_CAPTIONS, int(most))
        fixed = bool(config.encoder_weights) and not config.fine_tune
        epoch = -(-len(lines) // config.batch_size)
        critical_epochs = min(config.self_critical_epochs, config.epochs)
        model = cls(
            target,
            Encoder(
                config.encoder, config.image_size, bool(config.encoder_weights)
            ),
            layers.TokenDecoder(
                target.vocabulary_size(),
                residual=False,
                **{name: getattr(config, name) for name in OF_DECODER},
            ),
            fixed=fixed,
            captions=captions,
            drawn=captions if fixed else min(captions, FEW_CAPTIONS),
            steps=epoch * config.epochs,
            self_critical_from=epoch * (config.epochs - critical_epochs),
            **{name: getattr(config, name) for name in OF_MODEL},
        )
        if config.encoder_weights:
            model.encoder.start_from(config.encoder_weights)
        if model.fixed:
            model.cache = feature_cache.FeatureCache(
                downloads.cache_folder() / model.encoder.fingerprint(),
                model.encoder.grid_shape,
                lambda image_bytes: model.see(image_bytes)[0],
            )
        if critical_epochs:
            model.self_critical = SelfCritical(model, lines)
        model.compile(
            keras.optimizers.Adam(
                keras.optimizers.schedules.CosineDecay(
                    config.learning_rate,
                    max(1, model.self_critical_from),
                    alpha=0.05 if critical_epochs else 0.0,
                )
            )
        )
        return model
