"""The network: convolutional recurrent layers over the patches of frames."""

import keras
import tensorflow as tf

from apps.video_forecast.model.arguments import Arguments
from common import layers

DARK = -2.0  # Initial log-odds of a pixel: most are dark.


class EncoderForecaster(keras.layers.Layer):
    """Reads frames, and continues them frame by frame.

    A frame is divided into patches; the channels of a place are the pixels of
    its patch. The encoder reads the context; the forecaster starts from its
    states, and each of its steps reads the frame before. A forecast is the
    log-odds of each pixel, linear in the states of the top layer.

    Args:
      arguments: `Arguments`.

    Reference: Shi et al., Convolutional LSTM Network: A Machine Learning
    Approach for Precipitation Nowcasting, 2015; with `st_lstm2d`, Wang et al.,
    PredRNN: Recurrent Neural Networks for Predictive Learning using
    Spatiotemporal LSTMs, 2017.
    """

    def __init__(self, arguments: Arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.encoder = self._stack("encoder")
        self.forecaster = self._stack("forecaster")
        self.head = keras.layers.Conv2D(
            arguments.patch_size**2 * arguments.channels,
            1,
            bias_initializer=keras.initializers.Constant(DARK),
        )

    def _stack(self, name):
        arguments = self.arguments
        return layers.RecurrentStack(
            arguments.cell,
            arguments.filters,
            depth=arguments.depth,
            kernel_size=arguments.kernel_size,
            dropout=arguments.dropout,
            return_sequences=True,
            return_state=True,
            name=name,
        )

    def build(self, input_shape):
        arguments = self.arguments
        side = arguments.frame_size // arguments.patch_size
        channels = arguments.patch_size**2 * arguments.channels
        for stack in (self.encoder, self.forecaster):
            stack.build((None, None, side, side, channels))
        self.head.build((None, side, side, arguments.filters))

    @property
    def state_shapes(self):
        """The shapes of the states of the encoder, without the batch."""
        side = self.arguments.frame_size // self.arguments.patch_size
        return [(side, side, size) for size in self.encoder.state_sizes]

    def read(self, frames, mask=None, states=None, training=False):
        """Reads frames of a context.

        Args:
          frames: (batch, time, size, size, channels), values from 0 to 1.
          mask: bool (batch, time); False for padding.
          states: Those returned for the frames before.
          training: Whether to apply dropout.

        Returns:
          Log-odds of the frame after the last one, (batch, size, size,
          channels), and the states.
        """
        outputs, states = self.encoder(
            self._patches(frames),
            mask=mask,
            initial_state=states,
            training=training,
        )
        return self._frame(self.head(outputs[:, -1])), states

    def call(self, first, states, future, use_future, training=False):
        """Continues a context by the frames of the horizon.

        Args:
          first: Log-odds of the first frame; see `read`.
          states: See `read`.
          future: (horizon - 1, batch, size, size, channels), true frames.
          use_future: bool (horizon - 1, batch): whether a step reads the true
            frame before it, or the forecast of it.
          training: Whether to apply dropout.

        Returns:
          Log-odds (batch, horizon, size, size, channels).
        """

        def step(carry, inputs):
            log_odds, states = carry
            true_frame, use_true = inputs
            frame = tf.where(
                use_true[:, None, None, None], true_frame, tf.sigmoid(log_odds)
            )
            outputs, states = self.forecaster(
                self._patches(frame[:, None]),
                initial_state=states,
                training=training,
            )
            return self._frame(self.head(outputs[:, 0])), states

        if self.arguments.horizon == 1:  # A scan needs a step.
            return first[:, None]
        later, _ = tf.scan(step, (future, use_future), (first, states))
        log_odds = tf.concat([first[None], later], 0)
        return tf.transpose(log_odds, [1, 0, 2, 3, 4])

    def free_running(self, first, states):
        """Continues a context without true frames; see `call`."""
        steps = self.arguments.horizon - 1
        future = tf.zeros(tf.concat([[steps], tf.shape(first)], 0))
        use_future = tf.zeros([steps, tf.shape(first)[0]], tf.bool)
        return self(first, states, future, use_future)

    def _patches(self, frames):
        """Returns (batch, time, rows, columns, pixels of a patch)."""
        size, patch = self.arguments.frame_size, self.arguments.patch_size
        batch, time = tf.unstack(tf.shape(frames)[:2])
        side, channels = size // patch, frames.shape[-1]
        pictures = tf.reshape(frames, [-1, size, size, channels])
        patches = pictures
        if patch > 1:
            patches = tf.nn.space_to_depth(pictures, patch)
        return tf.reshape(
            patches, [batch, time, side, side, channels * patch**2]
        )

    def _frame(self, patches):
        """Returns (batch, size, size, channels)."""
        if self.arguments.patch_size == 1:
            return patches
        return tf.nn.depth_to_space(patches, self.arguments.patch_size)
