"""From the bytes of a WAV file to a transcript: the signatures."""

import tensorflow as tf

from apps.speech.model import encoder
from apps.speech.model import words
from common.audio import decode
from common.audio import mel
from common.generation.ctc import prefix_beam_search

STEP_SECONDS = encoder.STRIDE * mel.HOP
SEPARATOR = " "


class Serving:
    """Answers recordings: decodes them, and searches for the best transcripts.

    A model that reads forward also answers streams: `start` returns the state
    of new ones, `step` takes their next samples, and `flush` what remains. All
    streams of a batch have the same number of samples.

    A part of a model, but not a layer. Its functions need no AutoGraph, which
    takes seconds to convert them.

    Args:
      model: A `Recognizer`.
    """

    def __init__(self, model):
        self._model, self._arguments = model, model.arguments
        self._symbols = ["", *self._arguments.characters]
        self._width, self._scorers = 1, ()

    def configure(self, width, scorers=()):
        """Sets how transcripts are searched; before the first answer.

        Args:
          width: Beam width.
          scorers: See `prefix_beam_search.advance`.
        """
        self._width, self._scorers = width, scorers

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, "audio")],
        autograph=False,
    )
    def serve(self, audio):
        """Returns the transcripts of WAV files, and the times of their words.

        All outputs are padded to the longest one, with "" and 0; an unreadable
        file has no words, and 0 seconds.
        """
        rate = self._arguments.sample_rate
        recordings = decode.read(audio, rate)
        logits, steps = self._model(
            {"samples": recordings.samples, "counts": recordings.counts}
        )
        log_probs = tf.nn.log_softmax(logits)
        beams = self._advance(self._initial(tf.shape(audio)[0]), log_probs, steps)
        answers = self._ranked(beams)
        seconds = tf.cast(recordings.counts, tf.float32) / rate
        timed = words.align(
            answers["transcript"],
            self._model.character_ids(answers["transcript"]),
            log_probs,
            steps,
        )
        return answers | timed._asdict() | {"seconds": seconds}
