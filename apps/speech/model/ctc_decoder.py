"""Connectionist temporal classification: a token for each step, or a blank."""

import keras
import tensorflow as tf

from apps.speech.model import decoder
from apps.speech.model import encoder
from apps.speech.model import scorers as scorers_lib
from apps.speech.model import words
from common import app_model
from common.app_model import NamedRows
from common.generation.ctc import beams as beams_lib
from common.generation.ctc import loss as ctc_loss
from common.generation.ctc import prefix_beam_search
from common.generation.ctc import scorer

LEAST = 0.3  # Probability from which on a character is named in a picture.


class CTCDecoder(decoder.Decoder):
    """Predicts the logits of a character or blank for each step of 20 ms.

    Args:
      arguments: `Arguments`.

    Call arguments:
      See `Decoder`.

    Returns:
      float (batch, steps, 1 + characters), and the number of steps.

    Attributes:
      transcripts: What was learned from the training transcripts.
      skipped: Counts the recordings that are too short for their transcript;
        they do not count in the loss.

    Reference: Graves et al., Connectionist Temporal Classification, 2006.
    """

    has_streams = True
    quantity, place_seconds = "probability", encoder.STEP_SECONDS

    def __init__(self, arguments, **kwargs):
        super().__init__(arguments, **kwargs)
        self.head = keras.layers.Dense(1 + len(arguments.characters))
        self.transcripts = scorers_lib.TrainingTranscripts(arguments.characters)
        self.skipped = keras.metrics.Sum("skipped")

    def build(self, states_shape):
        self.head.build(states_shape)

    def call(self, states, steps, training=False):
        return self.head(states), steps

    def learn(self, transcripts):
        self.transcripts.learn(transcripts)

    def decoding_options(self, config):
        return config.beam_width, self.transcripts.scorers(config)

    def preprocess(self, ids):
        return {}, ids

    def loss(self, targets, outputs):
        logits, steps = outputs
        lengths = tf.math.count_nonzero(targets, 1, dtype=tf.int32)
        losses, is_possible = ctc_loss.ctc_loss(targets, logits, lengths, steps)
        self.skipped.update_state(~is_possible)
        count = tf.math.count_nonzero(is_possible, dtype=tf.float32)
        return tf.reduce_sum(losses) / tf.maximum(count, 1)

    def answers(self, states, steps):
        log_probs = self.log_probs(states)
        beams = self.beams(tf.shape(steps)[0])
        answers = self.ranked(self.advance(beams, log_probs, steps))
        timed = words.align(
            log_probs,
            steps,
            self.character_ids(answers["transcript"]),
            answers["transcript"],
            1 + self.arguments.characters.index(words.SEPARATOR),
            encoder.STEP_SECONDS,
        )
        return answers | timed._asdict()

    def curves(self, states, steps):
        logits, _ = self(states, steps)
        values = tf.transpose(tf.nn.softmax(logits[0, : steps[0]]))
        characters = tf.constant(["", *self.arguments.characters])
        return characters, values, tf.fill(tf.shape(characters), LEAST)

    def named_rows(self):
        names = ["", *self.arguments.characters]
        return NamedRows(names, app_model.dense_columns(self.head))

    # The search, also for streams.

    def log_probs(self, states):
        """Returns log probabilities, (batch, steps, 1 + characters)."""
        return tf.nn.log_softmax(self.head(states))

    def beams(self, batch):
        """Returns the beams before the first step."""
        width, scorers = self.use_options()
        return beams_lib.initial(batch, width, len(scorers))

    def beam_limits(self):
        """Returns the numbers that integers of `beams.Beams` are below."""
        _, scorers = self.use_options()
        sizes = [len(scorer.automaton.final) for scorer in scorers]
        return {
            "last": tf.constant(1 + len(self.arguments.characters)),
            "states": tf.constant(sizes, tf.int32),
        }

    def advance(self, beams, log_probs, steps):
        """Returns the beams after further steps.

        Args:
          beams: `beams.Beams`.
          log_probs: float32 (batch, steps, 1 + characters).
          steps: int32 (batch,), number of steps of each row.
        """
        symbols = tf.constant(["", *self.arguments.characters])
        _, scorers = self.use_options()
        return prefix_beam_search.advance(
            beams, log_probs, steps, symbols, scorers
        )

    def ranked(self, beams, is_final=True):
        """Returns the outputs that name the transcripts of beams.

        Where all of them end within a word that a list does not have, they are
        returned as they are: an unfinished word must not cost the others.

        Args:
          beams: `beams.Beams`.
          is_final: Whether scorers may object to the end.
        """
        _, scorers = self.use_options()
        texts, scores = beams_lib.ranked(beams)
        if is_final:
            ended, ended_scores = beams_lib.ranked(beams, scorers)
            can_end = ended_scores[:, :1] > scorer.WORST
            texts = tf.where(can_end, ended, texts)
            scores = tf.where(can_end, ended_scores, scores)
        texts = decoder.cleaned(texts)
        return {
            "transcript": texts[:, 0],
            "alternatives": texts,
            "alternative_scores": scores,
        }
