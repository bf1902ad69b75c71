"""A language model: trained on windows of streams, asked about any text."""

import contextlib

import keras
import numpy as np
import tensorflow as tf

from apps.language_model import network
from apps.language_model import nt_asgd
from apps.language_model import sampled_softmax
from apps.language_model import streams
from apps.language_model import vocabulary
from apps.language_model import writing
from common.app_model import AppModel

# Arguments of the network that are options of the app.
NETWORK = (
    "embedding_size",
    "cell",
    "units",
    "depth",
    "tied",
    "dropout",
    "input_dropout",
    "hidden_dropout",
    "locked_dropout",
    "embedding_dropout",
    "weight_dropout",
    "activation_penalty",
    "change_penalty",
)
# And of the model.
TRAINING = ("level", "batch_size", "unroll_steps", "vary_unroll", "samples")


@keras.saving.register_keras_serializable("unroll")
class LanguageModel(writing.Writing, AppModel, keras.Model):
    """Tells how probable each token is after those before it.

    Between two batches it keeps its states: they are variables, so that a run
    goes on exactly where it was saved.

    Args:
      tokens: list of words or characters, the most frequent first.
      level: as of `vocabulary.Vocabulary`.
      batch_size: int; streams that are read side by side in training.
      unroll_steps: int; through how many tokens the gradient goes back.
      vary_unroll: whether that varies, as of `streams.windows`.
      samples: int; tokens of which the softmax is estimated in training; 0:
        all.
      **options: arguments of `network.Network`, and of `keras.Model`.
    """

    def __init__(
        self,
        tokens,
        level,
        batch_size,
        unroll_steps,
        vary_unroll,
        samples,
        **options,
    ):
        arguments = {name: options.pop(name) for name in NETWORK}
        super().__init__(**options)
        self.arguments = {
            **arguments,
            "tokens": tokens,
            "level": level,
            "batch_size": batch_size,
            "unroll_steps": unroll_steps,
            "vary_unroll": vary_unroll,
            "samples": samples,
        }
        self.vocabulary = vocabulary.Vocabulary(tokens, level)
        self.network = network.Network(self.vocabulary.size(), **arguments)
        self.samples = samples
        self.seeds = keras.random.SeedGenerator() if samples else None

    def build(self, input_shape):
        self.network.build((None, None))
        rows = self.arguments["batch_size"]
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
        """Returns what the softmax reads, (streams, steps, features).

        Args:
          inputs: as of `streams.windows`.
          training: whether to apply dropout.
        """
        anew = inputs["anew"][:, None]
        states = [tf.where(anew, 0.0, state) for state in self.carried]
        vectors, states = self.network(
            inputs["tokens"], states, training=training
        )
        for variable, state in zip(self.carried, states, strict=True):
            variable.assign(state)
        return vectors

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        """Returns the mean cross-entropy of the targets, and the penalties."""
        loss, _ = self.cross_entropy(y, y_pred, training)
        if training and self.arguments["vary_unroll"]:
            # A short window moves the weights less far.
            steps = tf.cast(tf.shape(y)[1], loss.dtype)
            loss *= steps / self.arguments["unroll_steps"]
        return loss + sum(self.losses)

    def cross_entropy(self, targets, vectors, training=False):
        """Returns the mean, and of how many targets it is."""
        size = vectors.shape[-1]
        targets, vectors = (
            tf.reshape(targets, [-1]),
            tf.reshape(vectors, [-1, size]),
        )
        there = targets != streams.NOTHING
        targets = tf.where(there, targets, 0)
        if training and self.samples:
            nats = sampled_softmax.crossentropy(
                vectors,
                targets,
                *self.network.softmax_weights(),
                self.samples,
                self.seeds,
            )
        else:
            nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
                targets, self.network.logits(vectors)
            )
        there = tf.cast(there, nats.dtype)
        count = tf.reduce_sum(there)
        mean = tf.math.divide_no_nan(tf.reduce_sum(nats * there), count)
        return mean, count

    def test_step(self, batch):
        """Adds a batch to the loss, which is the mean over all tokens."""
        inputs, targets = batch
        mean, count = self.cross_entropy(targets, self(inputs))
        loss = next(m for m in self.metrics if m.name == "loss")
        loss.update_state(mean, sample_weight=count)
        return {"loss": loss.result()}

    @contextlib.contextmanager
    def validated(self, history):
        averages = isinstance(self.optimizer, nt_asgd.NTASGD)
        if averages:
            self.optimizer.swap(True)
        yield
        if averages:
            self.optimizer.swap(False)
            self.optimizer.watch([row["val_loss"] for row in history])

    def preprocess(self, x, y):
        return self.vocabulary.lines(y)

    def in_order(self, examples, batch_size):
        lines = examples.batch(1024).map(self.preprocess)
        ids = np.concatenate([line.flat_values.numpy() for line in lines])
        steps = self.arguments["unroll_steps"]
        varied = self.arguments["vary_unroll"]
        return streams.windows(ids, batch_size, steps, varied)

    def count_params(self):
        """Returns how many numbers were learned: without carried states."""
        return sum(int(np.prod(w.shape)) for w in self.trainable_weights)

    def get_config(self):
        return {**super().get_config(), **self.arguments}

    @classmethod
    def create(cls, config, train):
        tokens = vocabulary.learn(
            train.map(lambda x, y: y), config.level, config.vocabulary_size
        )
        names = (*TRAINING, *NETWORK)
        model = cls(tokens, **{name: getattr(config, name) for name in names})
        lines = train.batch(1024).map(model.preprocess)
        count = sum(int(tf.size(line.flat_values)) for line in lines)
        stream = -(-count // config.batch_size)
        model.compile(optimizer(config, -(-stream // config.unroll_steps)))
        return model


def optimizer(config, steps):
    """Returns the optimizer; an epoch has so many `steps`."""
    schedules, rate = keras.optimizers.schedules, config.learning_rate
    falling = range(config.full_epochs, config.epochs)
    if not config.decay:
        rate = schedules.CosineDecay(rate, steps * config.epochs)
    elif config.decay < 1 and falling:
        rate = schedules.PiecewiseConstantDecay(
            [steps * epoch - 1 for epoch in falling],
            [rate * config.decay**n for n in range(len(falling) + 1)],
        )
    kind = OPTIMIZERS[config.optimizer]
    return kind(rate, weight_decay=config.weight_decay or None)


OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "sgd": keras.optimizers.SGD,
    "nt_asgd": nt_asgd.NTASGD,
}
