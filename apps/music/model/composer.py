"""Pieces -> frames -> states -> distributions of the next frames."""

import dataclasses

import keras
import tensorflow as tf

from apps.music.model import frames as frames_lib
from apps.music.model import network as network_lib
from apps.music.model import portable
from apps.music.model import serving
from apps.music.model import training_pieces
from apps.music.model import transposition
from apps.music.model import windows
from apps.music.model.arguments import Arguments
from apps.music.model.keys_head import KeysHead
from apps.music.model.nade_head import NadeHead
from apps.music.model.voices_head import VoicesHead
from common import app_model
from common.app_model import AppModel
from common.data import batching
from common.training import optimizers

HEADS = {
    "nade": NadeHead,
    "keys": KeysHead,
    "voices": VoicesHead,
    "melody": VoicesHead,
}
MELODY_SHARE = 0.5  # Of windows whose melody is known in training.


@keras.saving.register_keras_serializable("unroll")
class Composer(AppModel, keras.Model):
    """Predicts each frame of a piece given the frames before it.

    With the network "voices", it also learns to predict the other voices where
    the whole melody is given.

    Args:
      arguments: `Arguments`.

    Attributes:
      network: Reads frames.
      head: The distribution of a frame.
      serving: The functions that answer.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.head = HEADS[arguments.network](arguments)
        self.network = network_lib.FrameNetwork(arguments, self.head.width)
        self.seeds = keras.random.SeedGenerator()
        self.serving = serving.Serving(self.network, self.head, arguments)

    def build(self, input_shape):
        self.network.build(None)
        self.head.build((None, None, self.arguments.units))

    def call(self, inputs, training=False):
        """Returns vectors (batch, frames, units), and whose melody is known.

        Args:
          inputs: A dict of "previous" int32 (batch, frames, width), see
            `FrameNetwork`; "counts" (batch,); and "melody" (batch, frames),
            which is empty but for voices.
          training: Whether to apply dropout, and to give melodies.
        """
        previous, counts = inputs["previous"], inputs["counts"]
        rows = tf.shape(counts)[0]
        context, is_known = None, tf.zeros([rows])
        if training and self.network.reader:
            drawn = keras.random.uniform([rows], seed=self.seeds)
            is_known = tf.cast(drawn < MELODY_SHARE, tf.float32)
            context = self.network.reader(inputs["melody"], counts, is_known)
            previous = _melody_alone(previous, is_known)
        vectors, _ = self.network(
            previous,
            counts,
            self.network.zero_states(rows),
            context,
            training=training,
        )
        return vectors, is_known

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """Returns the nats per frame."""
        nats, count = self._nats(x, y, y_pred)
        return nats / count

    def _nats(self, x, y, y_pred):
        """Returns the nats of all frames, and the number of frames."""
        vectors, is_known = y_pred
        nats = self.head.nats(vectors, y)
        if self.network.reader:
            is_unknown = 1 - is_known[:, None, None]
            nats = tf.concat([nats[..., :1] * is_unknown, nats[..., 1:]], -1)
        counts = x["counts"]
        nats = frames_lib.padded(tf.reduce_sum(nats, -1), counts)
        return tf.reduce_sum(nats), tf.cast(tf.reduce_sum(counts), tf.float32)

    @tf.autograph.experimental.do_not_convert
    def test_step(self, batch):
        """Adds a batch to the loss, which is the mean over all frames."""
        inputs, targets = batch
        nats, count = self._nats(inputs, targets, self(inputs))
        loss = next(m for m in self.metrics if m.name == "loss")
        loss.update_state(nats / count, sample_weight=count)
        return {"loss": loss.result()}

    def preprocess(self, x, y):
        """Returns windows of the pieces; see `windows.cut`."""
        frames, counts = self.serving.reader.read(**x)
        previous, targets = windows.cut(frames, counts, self.arguments.window)
        lengths = tf.cast(targets.row_lengths(), tf.int32)
        melody = targets[..., 0]
        if self.network.reader is None:
            melody = tf.RaggedTensor.from_row_lengths([0][:0], 0 * lengths)
        inputs = {"previous": previous, "counts": lengths, "melody": melody}
        return inputs, targets

    def batches(self, examples, batch_size):
        """Batches of windows of similar length, transposed in training."""
        make = batching.by_length(
            examples,
            self.preprocess,
            batch_size,
            preprocessed_together=training_pieces.TOGETHER,
        )

        def epoch(seed):
            batches = make(seed)
            if seed is None or not self.arguments.transpose:
                return batches
            seed = tf.cast(seed, tf.int64)

            @tf.autograph.experimental.do_not_convert
            def transposed(number, batch):
                inputs, targets = batch
                previous, melody, targets = self._transposed(
                    inputs, targets, [seed, number]
                )
                inputs = {**inputs, "previous": previous, "melody": melody}
                return inputs, targets

            return batches.enumerate().map(transposed)

        return epoch

    def _transposed(self, inputs, targets, seed):
        """Returns previous frames, melody and targets, transposed alike."""
        previous, targets = transposition.transpose(
            [inputs["previous"], targets],
            self.arguments.transpose,
            self.arguments.ranges,
            seed,
        )
        melody = inputs["melody"]
        if self.network.reader:
            melody = targets[..., 0]
        return previous, melody, targets

    def with_decoding(self, config):
        self.serving.configure(
            app_model.arguments_from(serving.DecodingOptions, config)
        )
        return self

    @property
    def serve(self):
        """See `serving.Serving.serve`."""
        return self.serving.serve

    def signatures(self):
        return self.serving.signatures()

    def networks(self):
        return portable.networks_of(self)

    def get_config(self):
        return {**super().get_config(), **dataclasses.asdict(self.arguments)}

    @classmethod
    def from_config(cls, config):
        arguments, options = app_model.split_config(Arguments, config)
        return cls(arguments, **options)

    @classmethod
    def create(cls, config, train, steps_per_epoch):
        """Returns a new, compiled model.

        Args:
          config: The options of the run.
          train: The training pieces.
          steps_per_epoch: Not used: a batch holds windows, not pieces.
        """
        windows_count = training_pieces.count_windows(train, config.window)
        steps = -(-windows_count // config.batch_size) * config.epochs
        model = cls(
            app_model.arguments_from(
                Arguments,
                config,
                ranges=training_pieces.ranges(config.network, train),
                frames_per_beat=training_pieces.frames_per_beat(train),
            )
        )
        model.compile(
            optimizers.cosine_adam(config.learning_rate, steps),
            jit_compile=False,  # The number of notes of a frame is a shape.
        )
        return model


def _melody_alone(previous, is_known):
    """Returns frames without the lower voices where the melody is known.

    Harmonies that depend on those of the frame before copy their mistakes; see
    `FrameNetwork.of_melody`.
    """
    is_hidden = (is_known[:, None, None] > 0) & (previous > 0)
    lower = tf.where(is_hidden, 0, previous)[..., 1:]
    return tf.concat([previous[..., :1], lower], -1)
