"""The network: convolutional recurrent layers over the patches of frames."""

import keras
import tensorflow as tf

from apps.video_forecast.model.arguments import Arguments
from common import layers
from common.video import batches

DARK = -2.0  # Initial log-odds of a pixel: most are dark.


class FrameForecaster(keras.layers.Layer):
    """Reads frames, and continues them frame by frame.

    Each color channel is forecast by itself, with the same weights: a network
    of all three would forecast gray for long before it learns their relation.
    A frame is divided into patches; the channels of a place are the pixels of
    its patch. A convolution turns them into features. Recurrent layers read
    those of the context, each step one frame, and two further convolutions
    forecast the next one as the log-odds of each pixel. After the context, each
    step reads the forecast of the step before.

    Args:
      arguments: `Arguments`.

    Reference: Shi et al., Convolutional LSTM Network: A Machine Learning
    Approach for Precipitation Nowcasting, 2015. There, other weights forecast
    than those that read; here they are the same, as in Wang et al., PredRNN:
    Recurrent Neural Networks for Predictive Learning using Spatiotemporal
    LSTMs, 2017, whose cell is `st_lstm2d`.
    """

    def __init__(self, arguments: Arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.supports_masking = True
        self.features = self._convolution()
        self.stack = layers.RecurrentStack(
            arguments.cell,
            arguments.filters,
            depth=arguments.depth,
            kernel_size=arguments.kernel_size,
            dropout=arguments.dropout,
            return_sequences=True,
            return_state=True,
        )
        self.hidden = self._convolution()
        self.head = keras.layers.Conv2D(
            arguments.patch_size**2,
            1,
            bias_initializer=keras.initializers.Constant(DARK),
        )

    def _convolution(self):
        return keras.layers.Conv2D(
            self.arguments.filters, 3, padding="same", activation="leaky_relu"
        )

    def build(self, input_shape):
        arguments = self.arguments
        side = arguments.frame_size // arguments.patch_size
        features = (side, side, arguments.filters)
        self.features.build((None, side, side, arguments.patch_size**2))
        self.stack.build((None, None, *features))
        self.hidden.build((None, *features))
        self.head.build((None, *features))

    @property
    def state_shapes(self):
        """The shapes of the states, without the batch."""
        arguments = self.arguments
        side = arguments.frame_size // arguments.patch_size
        shape = (arguments.channels, side, side)
        return [(*shape, size) for size in self.stack.state_sizes]

    def call(self, frames, mask=None, states=None, training=False):
        """Forecasts the frame after each of the given ones.

        Args:
          frames: (batch, time, size, size, channels), values from 0 to 1.
          mask: bool (batch, time); False for padding.
          states: Those returned for the frames before.
          training: Whether to apply dropout.

        Returns:
          Log-odds (batch, time, size, size, channels), and the states.
        """
        channels = self.arguments.channels
        batch_and_channels = tf.stack([tf.shape(frames)[0], channels])
        if mask is not None:
            mask = tf.repeat(mask, channels, 0)
        if states is not None:
            states = [batches.fold(values) for values in states]
        log_odds, states = self._forecast_channels(
            batches.fold(tf.transpose(frames, [0, 4, 1, 2, 3])),
            mask=mask,
            initial_state=states,
            training=training,
        )
        log_odds = batches.unfold(log_odds, batch_and_channels)
        states = [batches.unfold(v, batch_and_channels) for v in states]
        return tf.transpose(log_odds, [0, 2, 3, 4, 1]), states

    def _forecast_channels(self, frames, **options):
        """Forecasts frames (batch, time, size, size) of one channel each."""
        batch_and_time = tf.shape(frames)[:2]
        features = self.features(self._patches(frames))
        outputs, states = self.stack(
            batches.unfold(features, batch_and_time), **options
        )
        patches = self.head(self.hidden(batches.fold(outputs)))
        if self.arguments.patch_size > 1:
            patches = tf.nn.depth_to_space(patches, self.arguments.patch_size)
        return batches.unfold(patches[..., 0], batch_and_time), states

    def forecast_horizon(
        self, first, states, future=None, use_future=None, **options
    ):
        """Continues a context by the frames of the horizon.

        Args:
          first: Log-odds of the first frame (batch, size, size, channels).
          states: After the context.
          future: (horizon - 1, batch, size, size, channels), true frames.
          use_future: bool (horizon - 1, batch): whether a step reads the true
            frame before it; without it, all read the forecast of it.
          **options: See `call`.

        Returns:
          Log-odds (batch, horizon, size, size, channels).
        """
        steps = self.arguments.horizon - 1
        if not steps:  # A scan needs one.
            return first[:, None]

        def step(carry, number):
            log_odds, states = carry
            frame = tf.sigmoid(log_odds)
            if use_future is not None:
                is_true = use_future[number, :, None, None, None]
                frame = tf.where(is_true, future[number], frame)
            log_odds, states = self(frame[:, None], states=states, **options)
            return log_odds[:, 0], states

        later, _ = tf.scan(step, tf.range(steps), (first, states))
        log_odds = tf.concat([first[None], later], 0)
        return tf.transpose(log_odds, [1, 0, 2, 3, 4])

    def _patches(self, frames):
        """Returns (batch * time, rows, columns, pixels of a patch)."""
        frames = batches.fold(frames)[..., None]
        if self.arguments.patch_size == 1:
            return frames
        return tf.nn.space_to_depth(frames, self.arguments.patch_size)
