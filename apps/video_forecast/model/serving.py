"""From clips to the frames that follow: the signatures of a forecaster."""

import tensorflow as tf

from apps.video_forecast.model import frames as frames_lib
from apps.video_forecast.model.arguments import Arguments
from apps.video_forecast.model.network import FrameForecaster
from common.generation import batches as client_batches
from common.video import batches
from common.video import decode


class Serving:
    """Decodes clips and forecasts frames.

    A part of a model, but not a layer. Its functions need no AutoGraph.

    Args:
      network: The trained network.
      arguments: `Arguments`.
      black_level: Values below it, from 0 to 1, become 0 in answers.
    """

    def __init__(
        self,
        network: FrameForecaster,
        arguments: Arguments,
        black_level: float = 0.0,
    ):
        self.network, self.arguments = network, arguments
        self._black_level = black_level

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, "video")],
        autograph=False,
    )
    def forecast(self, video):
        """Returns the frames that follow each clip.

        A clip is a GIF, or a NumPy file of uint8 arrays (time, height, width[,
        3]); its last frames are read. The frames are uint8 (batch, horizon,
        size, size, 3), RGB. For an unreadable clip, they are black, and
        `readable` is False.
        """
        arguments = self.arguments
        return self._answers(
            decode.read(video, arguments.frame_size, arguments.context)
        )

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, None, None, 3], tf.uint8, "frames")
        ],
        autograph=False,
    )
    def from_frames(self, frames):
        """Returns the frames that follow each clip.

        The clips are uint8 (batch, time, height, width, 3), RGB. The outputs
        are those of `serving_default`.
        """
        frames = frames[:, -self.arguments.context :]
        return self._answers(
            frames_lib.from_array(frames, self.arguments.frame_size)
        )

    @tf.function(
        input_signature=[tf.TensorSpec([None, None], tf.string, "image_bytes")],
        autograph=False,
    )
    def from_pictures(self, image_bytes):
        """Returns the frames that follow each clip.

        The clips are files (batch, time), each a JPEG, PNG, GIF, BMP or WebP
        picture. Unreadable ones, such as empty strings at the end of a shorter
        clip, are left out. The outputs are those of `serving_default`.
        """
        return self._answers(
            frames_lib.from_pictures(image_bytes, self.arguments.frame_size)
        )

    def step_function(self):
        """Returns a function that reads one frame, and returns the next one.

        Its arguments are uint8 (batch, height, width, 3), and the states that
        the call before returned; zeros before the first frame. After at most
        `context` frames of a clip, it returns the first frame of the forecast
        for that clip, bit by bit.
        """
        states = self.network.state_shapes
        names = [f"state_{number}" for number in range(len(states))]
        specs = [
            tf.TensorSpec([None, *shape], tf.float32, name)
            for name, shape in zip(names, states)
        ]
        frame = tf.TensorSpec([None, None, None, 3], tf.uint8, "frame")

        @tf.function(input_signature=[frame, *specs], autograph=False)
        def step(frame, *states):
            rows = tf.shape(frame)[0]
            states = [
                client_batches.at_least_one(
                    client_batches.valid_state(values, rows, name)
                )
                for name, values in zip(names, states)
            ]
            frame = client_batches.at_least_one(frame)[:, None]
            pixels = batches.resize(frame, self.arguments.frame_size)
            pixels = frames_lib.to_network(pixels, self.arguments.channels)
            mask = tf.ones(tf.shape(pixels)[:2], tf.bool)
            log_odds, states = self.network(pixels, mask=mask, states=states)
            next_frame = self._to_rgb(log_odds[:rows, 0])
            states = [values[:rows] for values in states]
            return {"frame": next_frame, **dict(zip(names, states))}

        return step

    def signatures(self):
        """Returns the signatures besides `forecast`, by name."""
        return {
            "frames": self.from_frames,
            "pictures": self.from_pictures,
            "step": self.step_function(),
        }

    def read_context(self, context, mask):
        """Returns log-odds of the frame after a context, and the states.

        It reads frame by frame, as `step` does: the bits of a convolution
        depend on the number of its frames.

        Args:
          context: (batch, time, size, size, channels), values from 0 to 1.
          mask: bool (batch, time); False for padding.
        """
        rows, time = tf.unstack(tf.shape(mask))
        frames = tf.transpose(context, [1, 0, 2, 3, 4])

        def advance(t, _, *states):
            log_odds, states = self.network(
                frames[t][:, None], mask[:, t, None], list(states)
            )
            return t + 1, log_odds[:, 0], *states

        _, log_odds, *states = tf.while_loop(
            lambda t, *_: t < time,
            advance,
            (
                tf.constant(0),
                tf.zeros_like(frames[0]),
                *(tf.zeros([rows, *s]) for s in self.network.state_shapes),
            ),
            parallel_iterations=1,
        )
        return log_odds, states

    def _answers(self, clips):
        arguments = self.arguments
        context, mask = frames_lib.context(clips, arguments.context)
        context = frames_lib.to_network(context, arguments.channels)
        rows = tf.shape(context)[0]
        context, mask = map(client_batches.at_least_one, (context, mask))
        log_odds, states = self.read_context(context, mask)
        log_odds = self.network.forecast_horizon(log_odds, states)[:rows]
        readable = clips.counts > 0
        forecast = self._to_rgb(log_odds)
        forecast *= tf.cast(readable, tf.uint8)[:, None, None, None, None]
        return {"frames": forecast, "readable": readable}

    def _to_rgb(self, log_odds):
        """Returns uint8 frames, without values below the black level."""
        values = tf.sigmoid(log_odds)
        values = tf.where(values < self._black_level, 0.0, values)
        return frames_lib.to_rgb(values)
