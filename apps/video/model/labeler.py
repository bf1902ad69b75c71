"""Frames -> features -> recurrent states -> the label of each frame."""

import dataclasses

import keras
import tensorflow as tf

from apps.video.model import encoder as encoder_lib
from apps.video.model import portable
from apps.video.model import serving
from apps.video.model.arguments import SINGLE_FRAMES
from apps.video.model.arguments import Arguments
from common import app_model
from common import layers
from common.app_model import NamedRows
from common.app_model import VocabularyModel
from common.data import batching
from common.errors import UserError
from common.training import optimizers
from common.video import batches
from common.video import decode

# The cell of the networks with convolutional layers; the others have --cell,
# or, for a baseline, none.
CELL_OF_NETWORK = {"conv_lstm": "conv_lstm2d", "conv_gru": "conv_gru2d"}
KERNEL_SIZE = 3  # Of convolutional layers.
# Clips, as float32, padded to the longest one.
DECODED_TOGETHER = 8


@keras.saving.register_keras_serializable("unroll")
class FrameLabeler(VocabularyModel, keras.Model):
    """Predicts the probability of each label in each frame of a clip.

    Args:
      arguments: `Arguments`.

    Attributes:
      serving: The functions that answer.

    Reference: Donahue et al., Long-term Recurrent Convolutional Networks,
    2015 ("cnn_rnn"); Shi et al., Convolutional LSTM Network, 2015; Ballas et
    al., Delving Deeper into Convolutional Networks, 2016 ("conv_gru").
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.is_convolutional = arguments.network in CELL_OF_NETWORK
        self.encode = encoder_lib.FrameEncoder(
            self.is_convolutional, arguments.differences
        )
        self.dropout = keras.layers.Dropout(arguments.dropout)
        self.recurrent = None
        if arguments.network != SINGLE_FRAMES:
            self.recurrent = layers.RecurrentStack(
                CELL_OF_NETWORK.get(arguments.network, arguments.cell),
                arguments.units,
                arguments.depth,
                arguments.bidirectional,
                return_sequences=True,
                return_state=True,
                kernel_size=KERNEL_SIZE if self.is_convolutional else None,
            )
        self.hidden = keras.layers.Dense(arguments.units, "relu")
        self.head = keras.layers.Dense(len(arguments.labels))
        self.serving = serving.Serving(self)

    def build(self, input_shape):
        size = self.arguments.image_size
        self.encode.build((None, size, size, 3))
        features = self.encode.output_size
        if self.is_convolutional:
            side = self.encode.side(size)
            self.recurrent.build((None, None, side, side, features))
        elif self.recurrent:
            self.recurrent.build((None, None, features))
        if self.recurrent:
            directions = 1 + self.arguments.bidirectional
            features = directions * self.arguments.units
            features *= 1 + self.is_convolutional
        self.hidden.build((None, features))
        self.head.build((None, self.arguments.units))

    def call(self, inputs, training=False):
        """Returns logits (batch, time, labels).

        Args:
          inputs: A dict of "frames" (batch, time, size, size, 3), 0 to 255,
            and "present" (batch, time): whether a frame is part of the clip.
          training: Whether to apply dropout.
        """
        frames = tf.cast(inputs["frames"], tf.float32)
        changes = None
        if self.arguments.differences:
            changes = frames[:, 1:] - frames[:, :-1]
            changes = tf.pad(changes, [[0, 0], [1, 0]] + [[0, 0]] * 3)
        logits, _ = self.label(
            frames, changes, inputs["present"], None, training
        )
        return logits

    def label(self, frames, changes, present, states=None, training=False):
        """Returns logits (batch, time, labels), and the last states.

        Args:
          frames: float (batch, time, size, size, 3), 0 to 255.
          changes: What differs from the frame before, in the same shape; None
            without `differences`.
          present: bool (batch, time).
          states: Of the recurrent layers; None at the beginning.
          training: Whether to apply dropout.
        """
        shape = tf.shape(frames)[:2]
        features = self.encode(
            batches.fold(frames),
            None if changes is None else batches.fold(changes),
        )
        features = batches.unfold(features, shape)
        features = self.dropout(features, training=training)
        states = states or None
        last = []
        if self.recurrent:
            features, last = self.recurrent(
                features,
                # Padding follows the clip: reading forward, it is harmless.
                mask=present if self.arguments.bidirectional else None,
                initial_state=states,
                training=training,
            )
            if self.is_convolutional:
                features = encoder_lib.pooled(features)
            features = self.dropout(features, training=training)
        return self.head(self.hidden(features)), last

    @property
    def state_shapes(self):
        """The shapes of the recurrent states of a row, in order."""
        if not self.recurrent:
            return []
        sizes = self.recurrent.state_sizes
        if not self.is_convolutional:
            return [(size,) for size in sizes]
        side = self.encode.side(self.arguments.image_size)
        return [(side, side, size) for size in sizes]

    def preprocess(self, x, y):
        clips = decode.read(x["video"], self.arguments.image_size)
        time = tf.shape(clips.frames)[1]
        is_label = self._aligned(y["labels"], time)[..., None] == tf.constant(
            self.arguments.labels
        )
        # A label that training lacks, and a frame without one, do not count.
        weights = tf.cast(tf.reduce_any(is_label, -1), tf.float32)
        targets = tf.argmax(tf.cast(is_label, tf.int32), -1)

        def ragged(values):
            return tf.RaggedTensor.from_tensor(values, clips.counts)

        inputs = {
            "frames": ragged(tf.cast(tf.round(clips.frames), tf.uint8)),
            "present": ragged(tf.ones_like(weights, tf.bool)),
        }
        return inputs, ragged(targets), ragged(weights)

    def batches(self, examples, batch_size):
        return batching.by_length(
            examples,
            self.preprocess,
            batch_size,
            preprocessed_together=DECODED_TOGETHER,
        )

    @staticmethod
    def _aligned(labels, time):
        """Returns labels (batch, time), "" where there is none."""
        missing = tf.maximum(0, time - tf.shape(labels)[1])
        return tf.pad(labels, [[0, 0], [0, missing]])[:, :time]

    @property
    def serve(self):
        """See `serving.Serving.serve`."""
        return self.serving.serve

    def signatures(self):
        return self.serving.signatures()

    def networks(self):
        return portable.networks_of(self)

    def named_rows(self):
        columns = app_model.dense_columns(self.head)
        return {"labels": NamedRows(self.arguments.labels, columns)}

    def get_config(self):
        return {**super().get_config(), **dataclasses.asdict(self.arguments)}

    @classmethod
    def from_config(cls, config):
        arguments, options = app_model.split_config(Arguments, config)
        return cls(arguments, **options)

    @classmethod
    def create(cls, config, train, steps_per_epoch, start=None):
        model = cls(
            app_model.arguments_from(
                Arguments, config, labels=label_names(train, config.dataset)
            )
        )
        model.compile(
            optimizers.cosine_adam(
                config.learning_rate, steps_per_epoch * config.epochs
            ),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            weighted_metrics=[
                keras.metrics.SparseCategoricalAccuracy("accuracy")
            ],
            jit_compile=False,  # XLA takes a minute to compile convolutions.
        )
        return model


def label_names(train, source):
    """Returns the names of the labels of the training frames, sorted.

    Raises:
      UserError: There are fewer than two.
    """
    labels = set(batching.targets(train)["labels"].ravel()) - {b""}
    if len(labels) < 2:
        raise UserError(
            f"{source}: the training frames have "
            f"{len(labels)} label{'' if len(labels) == 1 else 's'}, and a "
            "classifier needs two: add clips with another one."
        )
    return [label.decode() for label in sorted(labels)]
