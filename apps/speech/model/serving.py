"""From the bytes of a WAV file to a transcript: the signatures."""

import tensorflow as tf

from apps.speech.model import streams
from common.audio import decode


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
        rate, count = self._arguments.sample_rate, tf.shape(audio)[0]
        # No layer takes an empty batch.
        audio = tf.pad(audio, [[0, tf.maximum(0, 1 - count)]])
        recordings = decode.read(audio, rate)
        states, steps = self._model.encode(
            recordings.samples, recordings.counts
        )
        outputs = self._model.decoder.answers(states, steps)
        seconds = tf.cast(recordings.counts, tf.float32) / rate
        outputs = outputs | {"seconds": seconds}
        return {name: values[:count] for name, values in outputs.items()}

    def signatures(self):
        """Returns the signatures besides `serve`, by name."""
        if self._arguments.bidirectional or not self._model.decoder.has_streams:
            return {}
        return self._streams.signatures
