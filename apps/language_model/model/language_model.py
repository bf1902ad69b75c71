"""The language model: trained on windows of streams, answers for any text."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from apps.language_model.model import network
from apps.language_model.model import optimizer
from apps.language_model.model import portable
from apps.language_model.model import sampled_softmax
from apps.language_model.model import scorer
from apps.language_model.model import streams
from apps.language_model.model import token_signatures
from apps.language_model.model import vocabulary
from apps.language_model.model import writer
from common import app_model
from common.app_model import NamedRows
from common.app_model import TextEncoder
from common.app_model import VocabularyModel
from common.text import word_tokenizer
from common.text.ngrams import tokenized_text


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arguments(network.NetworkArguments):
    """The arguments of a `LanguageModel`; those of its network included.

    Attributes:
      tokens: Words or characters, the most frequent first.
      level: See `vocabulary.Vocabulary`.
      backward: Whether lines are read from the last token to the first.
      batch_size: Streams that are read in parallel in training.
      unroll_steps: Tokens of a training window.
      vary_unroll: Whether the lengths of windows vary; see `streams.windows`.
      samples: Tokens of a sampled softmax in training; 0 for the full softmax.
    """

    tokens: list[str]
    level: str
    batch_size: int
    unroll_steps: int
    vary_unroll: bool
    samples: int
    backward: bool = False


@keras.saving.register_keras_serializable("unroll")
class LanguageModel(VocabularyModel, keras.Model):
    """Predicts the probability of each token given all tokens before it.

    Its states are carried from batch to batch in variables, so that a resumed
    run continues exactly.

    Args:
      arguments: `Arguments`.

    Attributes:
      scorer: Scores texts.
      writer: Generates text.
      token_signatures: The signatures encode, decode and step.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.vocabulary = vocabulary.Vocabulary(
            arguments.tokens, arguments.level, arguments.backward
        )
        self.network = network.Network(self.vocabulary.size(), arguments)
        self.seeds = keras.random.SeedGenerator() if arguments.samples else None
        self.window_rate = None  # See `optimizer.create`.
        parts = self.vocabulary, self.network
        self.scorer = scorer.Scorer(*parts)
        self.writer = writer.Writer(*parts)
        self.token_signatures = token_signatures.TokenSignatures(*parts)

    def build(self, input_shape):
        self.network.build((None, None))
        rows = self.arguments.batch_size
        self.carried = [
            self.add_weight(
                shape=(rows, size),
                initializer="zeros",
                trainable=False,
                name=f"carried_{i}",
            )
            for i, size in enumerate(sum(self.network.state_sizes, []))
        ]

    def call(self, inputs, training=False):
        """Returns the inputs of the softmax, (streams, steps, features).

        Args:
          inputs: See `streams.windows`.
          training: Whether to apply dropout.
        """
        reset = inputs["reset"][:, None]
        states = [tf.where(reset, 0.0, state) for state in self.carried]
        vectors, states = self.network(
            inputs["tokens"], states, training=training
        )
        for variable, state in zip(self.carried, states, strict=True):
            variable.assign(state)
        return vectors

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        """Returns the mean cross-entropy of the targets plus the penalties."""
        loss, _ = self.cross_entropy(y, y_pred, training)
        if training and self.window_rate is not None:
            steps = tf.cast(tf.shape(y)[1], tf.float32)
            self.window_rate.share.assign(steps / self.arguments.unroll_steps)
        return loss + sum(self.losses)

    def cross_entropy(self, targets, vectors, training=False):
        """Returns the mean over the targets, and the number of targets.

        Args:
          targets: int32 (streams, steps); `NO_TARGET` where there is none.
          vectors: See `call`.
          training: Whether to sample the softmax, if `samples` is set.
        """
        size = vectors.shape[-1]
        targets = tf.reshape(targets, [-1])
        vectors = tf.reshape(vectors, [-1, size])
        is_target = targets != streams.NO_TARGET
        targets = tf.where(is_target, targets, 0)
        if training and self.arguments.samples:
            nats = sampled_softmax.crossentropy(
                vectors,
                targets,
                *self.network.softmax_weights(),
                self.arguments.samples,
                self.seeds,
            )
        else:
            nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
                targets, self.network.logits(vectors)
            )
        weights = tf.cast(is_target, nats.dtype)
        count = tf.reduce_sum(weights)
        mean = tf.math.divide_no_nan(tf.reduce_sum(nats * weights), count)
        return mean, count

    @tf.autograph.experimental.do_not_convert
    def test_step(self, batch):
        """Adds a batch to the loss, which is the mean over all tokens."""
        inputs, targets = batch
        mean, count = self.cross_entropy(targets, self(inputs))
        loss = next(m for m in self.metrics if m.name == "loss")
        loss.update_state(mean, sample_weight=count)
        return {"loss": loss.result()}

    def preprocess(self, x, y):
        """Returns the token ids of lines; `batches` cuts them into windows."""
        return self.vocabulary.lines(y["text"])

    def batches(self, examples, batch_size):
        """Returns a function from the seed of an epoch to its windows.

        All lines are one text, cut into `batch_size` streams: a batch
        continues the one before it. See `streams.windows`.
        """
        text = tokenized_text.tokenize(examples, self.preprocess)
        return streams.windows(
            text.ids,
            batch_size,
            self.arguments.unroll_steps,
            self.arguments.vary_unroll,
        )

    def with_decoding(self, config):
        self.writer.configure(
            app_model.arguments_from(writer.DecodingOptions, config)
        )
        return self

    @tf.function(input_signature=[writer.PREFIX], autograph=False)
    def serve(self, prefix):
        """Returns each prefix, continued to the end of its line."""
        return {"text": self.writer.finish_line(prefix)}

    def signatures(self):
        return {
            "generate": self.writer.generate,
            "complete": self.writer.complete,
            "score": self.scorer.score,
            "score_tokens": self.scorer.score_tokens,
            "encode": self.token_signatures.encode,
            "decode": self.token_signatures.decode,
            "step": self.token_signatures.step,
        }

    def networks(self):
        return portable.networks_of(self)

    def named_rows(self):
        variables = app_model.embedding_rows(self.network.embed)
        variables += [(self.network.bias, 0)]
        return {"tokens": NamedRows(self.vocabulary.row_names(), variables)}

    def encoder(self):
        variable = self.network.embed.embeddings
        return TextEncoder(
            NamedRows(self.vocabulary.row_names(), [(variable, 0)]),
            [self.network.embed, *self.network.stack],
        )

    def count_params(self):
        """Returns the number of trained parameters, without carried states."""
        return sum(int(np.prod(w.shape)) for w in self.trainable_weights)

    def get_config(self):
        return {**super().get_config(), **dataclasses.asdict(self.arguments)}

    @classmethod
    def from_config(cls, config):
        arguments, options = app_model.split_config(Arguments, config)
        return cls(arguments, **options)

    @classmethod
    def create(cls, config, train, steps_per_epoch, start=None):
        """Returns a new, compiled model.

        Args:
          config: The options of the run.
          train: The training lines.
          steps_per_epoch: Not used: an epoch is not batches of lines, but
            windows of streams. `streams.windows_per_epoch` counts them, here
            for the learning-rate schedule and in `batches` for training.
          start: See `VocabularyModel.create`.
        """
        tokens = vocabulary.learn(
            train.map(lambda x, y: y["text"]),
            config.level,
            config.vocabulary_size,
        )
        if start and start.arguments.level == config.level:
            known = start.arguments.tokens
            tokens = word_tokenizer.extended(known, tokens)
        model = cls(
            app_model.arguments_from(
                Arguments,
                config,
                tokens=tokens,
                samples=config.softmax_samples,
            )
        )
        if config.softmax_samples:
            model.build(None)
            model.network.bias.assign(
                sampled_softmax.log_probabilities(model.vocabulary.size())
            )
        text = tokenized_text.tokenize(train, model.preprocess)
        windows = streams.windows_per_epoch(
            len(text.ids), config.batch_size, config.unroll_steps
        )
        chosen, model.window_rate = optimizer.create(config, windows)
        model.compile(chosen)
        return model
