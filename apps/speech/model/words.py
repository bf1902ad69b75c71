"""The words of transcripts, with times and confidences."""

from typing import NamedTuple

import tensorflow as tf

from common.generation.ctc import alignment

SEPARATOR = " "  # Of words.


class Words(NamedTuple):
    """The words of transcripts, padded with "" and 0.

    Attributes:
      words: String (batch, words).
      word_start: float32 (batch, words), seconds.
      word_end: The same.
      word_confidence: float32 (batch, words), from 0 to 1: the mean of the
        probabilities of its characters where they are heard.
    """

    words: tf.Tensor
    word_start: tf.Tensor
    word_end: tf.Tensor
    word_confidence: tf.Tensor


def align(
    log_probs: tf.Tensor,
    steps: tf.Tensor,
    ids: tf.RaggedTensor,
    transcripts: tf.Tensor,
    separator_id: int,
    step_seconds: float,
) -> Words:
    """Returns the words of transcripts, at the best places for them.

    Args:
      log_probs: float32 (batch, steps, 1 + characters).
      steps: int32 (batch,), number of steps of each recording.
      ids: int32 (batch, characters), of the transcripts.
      transcripts: String (batch,), with single spaces between words alone.
      separator_id: Id of the space.
      step_seconds: Duration of a step.
    """
    aligned = alignment.align(
        log_probs,
        steps,
        ids.to_tensor(),
        tf.cast(ids.row_lengths(), tf.int32),
    )
    words = tf.strings.split(transcripts, SEPARATOR)
    words = tf.ragged.boolean_mask(words, words != "")
    numbers = _word_numbers(ids.values == separator_id, ids)
    first, last, confidence = (
        tf.RaggedTensor.from_tensor(part, ids.row_lengths()).values
        for part in aligned
    )
    is_character = numbers >= 0
    numbers = tf.boolean_mask(numbers, is_character)

    def of_words(reduce, characters):
        values = reduce(tf.boolean_mask(characters, is_character), numbers)
        return words.with_values(values).to_tensor()

    start = of_words(tf.math.segment_min, first)
    end = of_words(tf.math.segment_max, last + 1)
    return Words(
        words.to_tensor(""),
        step_seconds * tf.cast(start, tf.float32),
        step_seconds * tf.cast(end, tf.float32),
        of_words(tf.math.segment_mean, confidence),
    )


def _word_numbers(is_separator, ids):
    """Returns the number of each character's word in the batch; else -1."""
    positions = tf.ragged.range(ids.row_lengths()).values
    follows = tf.concat([[True], is_separator[:-1]], 0)
    is_first = ~is_separator & (follows | (positions == 0))
    numbers = tf.cumsum(tf.cast(is_first, tf.int32)) - 1
    return tf.where(is_separator, -1, numbers)
