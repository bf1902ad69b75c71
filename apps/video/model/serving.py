"""From the bytes of a file to labels and segments: the signatures."""

import tensorflow as tf

from apps.video.model import segments
from common.generation import batches as client_batches
from common.video import batches
from common.video import decode
from common.video import frames as frames_lib
from common.video import limits

STARTED, PREVIOUS = "started", "previous"


class Serving:
    """Answers clips: decodes them, labels their frames, joins segments.

    A model that reads forward labels frame by frame, with the same operations
    as `step`: a stream gets the bits that the whole clip gets. Its state is a
    list of tensors: whether a frame has been read (batch,), the last frame
    (batch, size, size, 3), and the recurrent states.

    A part of a model, but not a layer. Its functions need no AutoGraph, which
    takes seconds to convert them.

    Args:
      model: A `FrameLabeler`.
    """

    def __init__(self, model):
        self._model, self._arguments = model, model.arguments
        self._step = None
        if not self._arguments.bidirectional:
            self._step = tf.function(
                self._one_step,
                input_signature=[
                    tf.TensorSpec([None, None, None, 3], tf.uint8, "frame"),
                    *self.state_specs,
                ],
                autograph=False,
            )

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, "video")],
        autograph=False,
    )
    def serve(self, video):
        """Returns the label of each frame, and the segments.

        A clip is a GIF, or a NumPy file of uint8 (time, height, width[, 3]).
        All outputs are padded to the longest clip, with "" and 0; an unreadable
        clip has no frames.
        """
        clips = decode.read(video, self._arguments.image_size)
        time = tf.range(tf.shape(clips.durations)[1])
        present = time < clips.counts[:, None]
        return self._answers(clips.frames, present, clips.durations)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, None, None, 3], tf.uint8, "frames")
        ],
        autograph=False,
    )
    def frames(self, frames):
        """Returns the answers of `serve` to frames, at 0.1 s each."""
        pixels = batches.resize(frames, self._arguments.image_size)
        present = tf.ones(tf.shape(frames)[:2], tf.bool)
        return self._answers(
            pixels, present, _default_seconds(tf.shape(present))
        )

    @tf.function(
        input_signature=[tf.TensorSpec([None, None], tf.string, "image_bytes")],
        autograph=False,
    )
    def pictures(self, image_bytes):
        """Returns the answers of `serve` to frames that are picture files.

        Empty strings fill up shorter clips. An unreadable picture has no
        label. A segment continues across it, with its time but not its
        probability.
        """
        pixels, present = batches.read_pictures(
            image_bytes, self._arguments.image_size
        )
        seconds = _default_seconds(tf.shape(present))
        return self._answers(pixels, present, seconds)

    def signatures(self):
        """Returns the signatures besides `serve`, by name."""
        functions = {"frames": self.frames, "pictures": self.pictures}
        if self._step:
            functions["step"] = self._step
        return functions

    # The state of a stream.

    @property
    def state_specs(self):
        """The specs of the states of a stream, in order."""
        size, shapes = self._arguments.image_size, {STARTED: ()}
        if self._arguments.differences:
            shapes[PREVIOUS] = (size, size, 3)
        for i, shape in enumerate(self._model.state_shapes):
            shapes[f"state_{i}"] = shape
        return [
            tf.TensorSpec([None, *shape], tf.float32, name)
            for name, shape in shapes.items()
        ]

    def _one_step(self, frame, *state):
        """Returns the answer to the next frame of each row, and its state.

        The state of a new clip is zeros.
        """
        rows = tf.shape(frame)[0]
        names = [spec.name for spec in self.state_specs]
        state = [
            client_batches.valid_state(values, rows, name)
            for name, values in zip(names, state)
        ]
        pixels = frames_lib.resize(frame, self._arguments.image_size)
        pixels, *state = map(client_batches.at_least_one, (pixels, *state))
        logits, state = self.advance(pixels, *state)
        probabilities = tf.nn.softmax(logits)
        next_state = {n: values[:rows] for n, values in zip(names, state)}
        return self._named(probabilities[:rows]) | next_state

    def advance(self, frame, started, *state):
        """Returns the logits (batch, labels) of the next frame, and the state.

        The bits of a softmax depend on the shape: it is that of one frame.
        """
        changes = None
        next_state = [tf.ones_like(started)]
        if self._arguments.differences:
            previous, *state = state
            changes = started[:, None, None, None] * (frame - previous)
            changes = changes[:, None]
            next_state.append(frame)
        logits, last = self._model.label(
            frame[:, None], changes, None, list(state)
        )
        return logits[:, 0], [*next_state, *last]

    def _answers(self, frames, present, seconds):
        """Returns the outputs of `serve`.

        Args:
          frames: float (batch, time, size, size, 3), 0 to 255.
          present: bool (batch, time): which of them exist.
          seconds: Duration of each frame, float (batch, time).
        """
        rows, time = tf.unstack(tf.shape(present))
        # A loop over no frames has no result.
        frames = client_batches.at_least_one(frames, 2)
        exists = client_batches.at_least_one(present, 2)
        # Unreadable pictures after the others, where they have no influence.
        order = tf.argsort(tf.cast(~exists, tf.int32), stable=True)
        frames = tf.gather(frames, order, batch_dims=1)
        if self._arguments.bidirectional:
            exists = tf.gather(exists, order, batch_dims=1)
            logits = self._model({"frames": frames, "present": exists})
            probabilities = tf.nn.softmax(logits)
        else:
            probabilities = self._read_forward(frames)
        places = tf.argsort(order)
        probabilities = tf.gather(probabilities, places, batch_dims=1)
        probabilities = probabilities[:rows, :time]
        probabilities *= tf.cast(present, tf.float32)[..., None]
        end = tf.cumsum(seconds, 1)
        start = tf.concat([tf.zeros_like(end[:, :1]), end[:, :-1]], 1)
        runs = segments.join_frames(
            tf.argmax(probabilities, -1, tf.int32),
            tf.reduce_max(probabilities, -1),
            present,
            start,
            end,
        )
        labels = self._label(runs.pop("ids"), runs["frames"] > 0)
        return {
            **self._named(probabilities, present),
            "start": tf.where(present, start, 0.0),
            "end": tf.where(present, end, 0.0),
            "segment_label": labels,
            **{f"segment_{name}": values for name, values in runs.items()},
        }

    def _named(self, probabilities, present=True):
        """Returns the likeliest label, its probability, and all of them."""
        names = self._arguments.labels
        rows = tf.shape(probabilities)[0]
        likeliest = tf.argmax(probabilities, -1, tf.int32)
        return {
            "label": self._label(likeliest, present),
            "probability": tf.reduce_max(probabilities, -1),
            "probabilities": probabilities,
            "labels": tf.broadcast_to(names, [rows, len(names)]),
        }

    def _label(self, label_ids, present):
        return tf.where(
            present, tf.gather(self._arguments.labels, label_ids), ""
        )

    def _read_forward(self, frames):
        """Returns probabilities (batch, time, labels), frame by frame."""
        rows, time = tf.unstack(tf.shape(frames)[:2])
        frames = tf.transpose(frames, [1, 0, 2, 3, 4])
        shapes = [spec.shape for spec in self.state_specs]
        count = len(self._arguments.labels)

        def advance(step, probabilities, *state):
            logits, state = self.advance(frames[step], *state)
            values = tf.nn.softmax(logits)
            state = [
                tf.ensure_shape(s, shape) for s, shape in zip(state, shapes)
            ]
            return step + 1, probabilities.write(step, values), *state

        probabilities = tf.TensorArray(
            tf.float32, time, element_shape=[None, count]
        )
        _, probabilities, *_ = tf.while_loop(
            lambda step, *_: step < time,
            advance,
            (
                tf.constant(0),
                probabilities,
                *(tf.zeros([rows, *shape[1:]]) for shape in shapes),
            ),
            parallel_iterations=1,
        )
        return tf.transpose(probabilities.stack(), [1, 0, 2])


def _default_seconds(shape):
    return tf.fill(shape[:2], limits.FRAME_SECONDS)
