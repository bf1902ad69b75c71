"""From the bytes of a WAV file to a transcript: the signatures."""

import tensorflow as tf

from apps.speech.model import encoder
from apps.speech.model import streams
from apps.speech.model import words
from common.audio import decode
from common.audio import mel
from common.generation.ctc import beams as beams_lib
from common.generation.ctc import prefix_beam_search

SEPARATOR = " "  # Of words.
STEP_SECONDS = encoder.STRIDE * mel.HOP


class Serving:
    """Answers recordings: decodes them, and searches for their transcripts.

    A part of a model, but not a layer. Its functions need no AutoGraph, which
    takes seconds to convert them.

    Args:
      model: A `Recognizer`.
    """

    def __init__(self, model):
        self._model, self._arguments = model, model.arguments
        self._streams = streams.Streams(model)
        self.width, self.scorers = 1, []
        self._is_used = False  # Graphs keep their options.

    def configure(self, width, scorers):
        """Sets how transcripts are searched.

        Args:
          width: Beam width.
          scorers: List of `scorer.Scorer`.

        Raises:
          RuntimeError: A graph was traced with other options already.
        """
        if self._is_used and (width, scorers) != (self.width, self.scorers):
            raise RuntimeError(
                "A graph was already traced with other decoding options. Load "
                "the model again."
            )
        self.width, self.scorers = width, scorers

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, "audio")],
        autograph=False,
    )
    def serve(self, audio):
        """Returns the transcripts of WAV files, and the times of their words.

        Alternatives are the best transcripts of the beam, the best one first;
        a score is a log probability in nats, with those of the scorers, and
        below -1e30 where there are no more. All outputs are padded to the
        longest one, with "" and 0. An unreadable file has no words and 0
        seconds.
        """
        rate = self._arguments.sample_rate
        recordings = decode.read(audio, rate)
        logits, steps = self._model(
            {"samples": recordings.samples, "counts": recordings.counts}
        )
        log_probs = tf.nn.log_softmax(logits)
        beams = self.advance(self.beams(tf.shape(audio)[0]), log_probs, steps)
        answers = self.ranked(beams)
        timed = words.align(
            log_probs,
            steps,
            self._model.character_ids(answers["transcript"]),
            answers["transcript"],
            1 + self._arguments.characters.index(SEPARATOR),
            STEP_SECONDS,
        )
        seconds = tf.cast(recordings.counts, tf.float32) / rate
        return answers | timed._asdict() | {"seconds": seconds}

    def signatures(self):
        """Returns the signatures besides `serve`, by name."""
        if self._arguments.bidirectional:
            return {}
        return self._streams.signatures

    # The search, also for streams.

    def beams(self, batch):
        """Returns the beams before the first step."""
        self._is_used = True
        return beams_lib.initial(batch, self.width, len(self.scorers))

    def advance(self, beams, log_probs, steps):
        """Returns the beams after further steps.

        Args:
          beams: `beams.Beams`.
          log_probs: float32 (batch, steps, 1 + characters).
          steps: int32 (batch,), number of steps of each row.
        """
        symbols = tf.constant(["", *self._arguments.characters])
        return prefix_beam_search.advance(
            beams, log_probs, steps, symbols, self.scorers
        )

    def ranked(self, beams):
        """Returns the outputs that name the transcripts of beams."""
        texts, scores = beams_lib.ranked(beams, self.scorers)
        # Of several spaces, one; none at either end.
        texts = tf.strings.strip(tf.strings.regex_replace(texts, " +", " "))
        return {
            "transcript": texts[:, 0],
            "alternatives": texts,
            "alternative_scores": scores,
        }
