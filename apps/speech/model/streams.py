"""Recordings as they come: signatures whose state the caller keeps."""

import functools

import tensorflow as tf

from apps.speech.model import stream_state
from common.audio import wav
from common.generation import batches


class Streams:
    """The signatures of a recognizer that reads forward, with CTC.

    `start` returns the state of new streams, `step` reads their next samples,
    and `flush` what remains. A stream gets the transcript of the whole
    recording. All streams of a batch have the same number of samples. A state
    that cannot be one is refused; see `stream_state.checked`.

    Args:
      model: A `Recognizer`.
    """

    def __init__(self, model):
        self._model = model

    @functools.cached_property
    def signatures(self):
        """The functions by name."""
        specs = self._specs
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

    @functools.cached_property
    def _specs(self):
        """Those of a state, in order."""
        return [
            stream_state.spec(name, tensor)
            for name, tensor in self._start(tf.zeros([1], tf.int32)).items()
        ]

    def _start(self, stream):
        """Returns the state of new streams, which have any numbers."""
        batch = tf.shape(stream)[0]
        return stream_state.State(
            self._model.features.initial_state(batch),
            self._model.encoder.initial_state(batch),
            self._model.decoder.beams(batch),
        ).named()

    def _step(self, samples, *state):
        """Returns the best transcripts so far, and the next state.

        The samples have the rate of the model, and are from -1 to 1; those
        that are no finite number, or too large for one, become zero.
        """
        rows = tf.shape(samples)[0]
        features, encoder, beams = self._state(state, rows)
        samples = tf.where(tf.abs(samples) <= wav.MAX_SAMPLE, samples, 0)
        frames, features = self._model.features.step(
            batches.at_least_one(samples), features
        )
        states, encoder = self._model.encoder.step(frames, encoder)
        beams = self._advance(beams, states)
        state = stream_state.State(features, encoder, beams)
        answers = self._model.decoder.ranked(beams, is_final=False)
        return _first(answers | state.named(), rows)

    def _flush(self, *state):
        """Returns the transcripts of whole streams; see `Serving.serve`."""
        rows = tf.shape(state[0])[0]
        features, encoder, beams = self._state(state, rows)
        frames = self._model.features.flush(features)
        states, encoder = self._model.encoder.step(frames, encoder)
        beams = self._advance(beams, states)
        beams = self._advance(beams, self._model.encoder.flush(encoder))
        return _first(self._model.decoder.ranked(beams), rows)

    def _state(self, tensors, rows):
        """Returns the state of at least one stream that a client sent."""
        names = [spec.name for spec in self._specs]
        named = dict(zip(names, tensors, strict=True))
        limits = self._model.decoder.beam_limits()
        checked = stream_state.checked(named, rows, limits)
        return stream_state.of_tensors(
            [*map(batches.at_least_one, checked.values())]
        )

    def _advance(self, beams, states):
        log_probs = self._model.decoder.log_probs(states)
        batch, steps, _ = tf.unstack(tf.shape(log_probs))
        return self._model.decoder.advance(
            beams, log_probs, tf.fill([batch], steps)
        )


def _first(outputs, rows):
    return {name: values[:rows] for name, values in outputs.items()}
