"""Trains the network on clips, and forecasts the frames that follow one."""

import dataclasses

import keras
import tensorflow as tf

from apps.video_forecast.model import frames
from apps.video_forecast.model import portable
from apps.video_forecast.model.arguments import Arguments
from apps.video_forecast.model.network import FrameForecaster
from apps.video_forecast.model.serving import Serving
from common import app_model
from common.app_model import AppModel
from common.generation import scheduled_sampling
from common.training import optimizers
from common.video import decode

SHUFFLE_BUFFER, SHUFFLE_BYTES = 1000, 2**29  # At most, of clips.


@keras.saving.register_keras_serializable("unroll")
class VideoForecaster(AppModel, keras.Model):
    """Forecasts the frames that follow a clip.

    The loss is the cross-entropy of each pixel value, from 0 to 1, plus its
    absolute error, which pulls unlikely values to black.

    Args:
      arguments: `Arguments`.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.network = FrameForecaster(arguments)
        self.seeds = keras.random.SeedGenerator()
        self.serving = Serving(self.network, arguments)

    def build(self, input_shape):
        self.network.build(input_shape)

    def call(self, inputs, training=False):
        """Returns log-odds of all frames but the first one of the context.

        Those of the context are forecast from the true frames before them,
        those of the horizon, in training, from true and sampled frames.

        Args:
          inputs: A dict of "context" (batch, frames, size, size, channels)
            and, in training, "future" (batch, horizon, size, size, channels).
          training: Whether to read true frames of the horizon, and drop out.

        Returns:
          (batch, context - 1 + horizon, size, size, channels).
        """
        log_odds, states = self.network(inputs["context"], training=training)
        sampled = self._sampled(inputs["future"]) if training else {}
        later = self.network.forecast_horizon(
            log_odds[:, -1], states, **sampled, training=training
        )
        return tf.concat([log_odds[:, :-1], later], 1)

    def _sampled(self, future):
        """Returns the true frames, and which of them are read."""
        share = scheduled_sampling.share(
            self.arguments.teacher_forcing,
            self.optimizer.iterations,
            self.arguments.sampling_steps,
        )
        frames = tf.transpose(future[:, :-1], [1, 0, 2, 3, 4])
        drawn = keras.random.uniform(tf.shape(frames)[:2], seed=self.seeds)
        return {"future": frames, "use_future": drawn >= share}

    def preprocess(self, x, y):
        arguments = self.arguments
        clips = decode.read(x["video"], arguments.frame_size)
        context, _ = frames.context(clips, arguments.context)
        future = decode.read(y["video"], arguments.frame_size).frames
        context, future = (
            frames.to_network(part, arguments.channels)
            for part in (context, future)
        )
        future = tf.ensure_shape(
            future, [None, arguments.horizon, *context.shape[2:]]
        )
        inputs = {"context": context, "future": future}
        return inputs, tf.concat([context[:, 1:], future], 1)

    def batches(self, examples, batch_size):
        def epoch(seed):
            shuffled = examples
            if seed is not None:
                shuffled = examples.shuffle(self._shuffle_buffer, seed)
            return shuffled.batch(batch_size).map(
                self.preprocess, tf.data.AUTOTUNE
            )

        return epoch

    @property
    def _shuffle_buffer(self):
        """The number of clips that are shuffled together."""
        arguments = self.arguments
        frames = arguments.context + arguments.horizon
        size = 3 * arguments.frame_size**2 * frames
        return max(1, min(SHUFFLE_BUFFER, SHUFFLE_BYTES // size))

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        cross_entropies = tf.nn.sigmoid_cross_entropy_with_logits(y, y_pred)
        errors = tf.abs(y - tf.sigmoid(y_pred))
        return tf.reduce_mean(cross_entropies + errors)

    def with_decoding(self, config):
        self.serving = Serving(self.network, self.arguments, config.black_level)
        return self

    @property
    def serve(self):
        """See `Serving.forecast`."""
        return self.serving.forecast

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
        arguments = app_model.arguments_from(
            Arguments,
            config,
            channels=_channels(train, config),
            sampling_steps=max(
                1, round(config.sampling_epochs * steps_per_epoch)
            ),
        )
        model = cls(arguments)
        model.compile(
            optimizers.cosine_adam(
                config.learning_rate, steps_per_epoch * config.epochs
            )
        )
        return model


def _channels(train, config):
    """Returns 1 if all clips are gray, else 3."""
    for x, _ in train.batch(config.batch_size):
        pixels = decode.read(x["video"], config.frame_size).frames
        if tf.reduce_any(pixels[..., :1] != pixels):
            return 3
    return 1
