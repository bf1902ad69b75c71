"""Recordings as they come: signatures whose state the caller keeps."""

import functools
from typing import NamedTuple

import tensorflow as tf

from apps.speech.model import features as features_lib
from common.audio import normalization
from common.generation.ctc import beams as beams_lib

# Outputs of `start` and `step` that the next call takes, in order; then the
# recurrent states.
NAMES = (
    *("last_samples", "frame_counts", "frame_sums", "frame_squares"),
    *("last_frames", "last_states", *beams_lib.Beams._fields),
)
# Of them, those whose number of samples, frames or steps varies.
VARYING = ("last_samples", "last_frames", "last_states")


class State(NamedTuple):
    """What the next samples of streams need.

    Attributes:
      features: See `features.State`.
      encoder: See `Encoder.initial_state`.
      beams: See `beams_lib.Beams`.
    """

    features: features_lib.State
    encoder: list[tf.Tensor]
    beams: beams_lib.Beams

    def named(self) -> dict[str, tf.Tensor]:
        """Returns the tensors by name; see `NAMES`."""
        frames, pending, *recurrent = self.encoder
        samples, statistics = self.features
        tensors = [samples, *statistics, frames, pending, *self.beams]
        named = dict(zip(NAMES, tensors, strict=True))
        return named | {f"state_{i}": s for i, s in enumerate(recurrent)}


def _state(tensors):
    """Returns the state of the values of `State.named`."""
    samples, counts, sums, squares, frames, pending, *rest = tensors
    fields = len(beams_lib.Beams._fields)
    statistics = normalization.Statistics(counts, sums, squares)
    return State(
        features_lib.State(samples, statistics),
        [frames, pending, *rest[fields:]],
        beams_lib.Beams(*rest[:fields]),
    )


class Streams:
    """The signatures of a recognizer that reads forward, with CTC.

    `start` returns the state of new streams, `step` reads their next samples,
    and `flush` what remains. A stream gets the transcript of the whole
    recording. All streams of a batch have the same number of samples.

    Args:
      model: A `Recognizer`.
    """

    def __init__(self, model):
        self._model = model

    @functools.cached_property
    def signatures(self):
        """The functions by name."""
        specs = [
            _spec(name, tensor)
            for name, tensor in self._start(tf.zeros([1], tf.int32)).items()
        ]
        samples = tf.TensorSpec([None, None], tf.float32, "samples")
        functions = {
            "start": (self._start, [tf.TensorSpec([None], tf.int32, "stream")]),
            "step": (self._step, [samples, *specs]),
            "flush": (self._flush, specs),
        }
        return {
            name: tf.function(function, input_signature=inputs, autograph=False)
            for name, (function, inputs) in functions.items()
        }

    def _start(self, stream):
        """Returns the state of new streams, which have any numbers."""
        batch = tf.shape(stream)[0]
        return State(
            self._model.features.initial_state(batch),
            self._model.encoder.initial_state(batch),
            self._model.decoder.beams(batch),
        ).named()

    def _step(self, samples, *state):
        """Returns the best transcripts so far, and the next state.

        The samples have the rate of the model, and are from -1 to 1.
        """
        features, encoder, beams = _state(state)
        frames, features = self._model.features.step(samples, features)
        states, encoder = self._model.encoder.step(frames, encoder)
        beams = self._advance(beams, states)
        state = State(features, encoder, beams)
        answers = self._model.decoder.ranked(beams, is_final=False)
        return answers | state.named()

    def _flush(self, *state):
        """Returns the transcripts of whole streams; see `Serving.serve`."""
        features, encoder, beams = _state(state)
        frames = self._model.features.flush(features)
        states, encoder = self._model.encoder.step(frames, encoder)
        beams = self._advance(beams, states)
        beams = self._advance(beams, self._model.encoder.flush(encoder))
        return self._model.decoder.ranked(beams)

    def _advance(self, beams, states):
        log_probs = self._model.decoder.log_probs(states)
        batch, steps, _ = tf.unstack(tf.shape(log_probs))
        return self._model.decoder.advance(
            beams, log_probs, tf.fill([batch], steps)
        )


def _spec(name, tensor):
    """Returns the spec of a tensor of a state of one stream."""
    shape = [None, *tensor.shape[1:]]
    if name in VARYING:
        shape[1] = None
    return tf.TensorSpec(shape, tensor.dtype, name)
