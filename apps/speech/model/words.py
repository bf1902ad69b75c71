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
    return _of_characters(
        transcripts,
        ids,
        separator_id,
        step_seconds * tf.cast(aligned.first, tf.float32),
        step_seconds * tf.cast(aligned.last + 1, tf.float32),
        aligned.confidence,
    )


def at_places(
    places: tf.Tensor,
    confidences: tf.Tensor,
    steps: tf.Tensor,
    ids: tf.RaggedTensor,
    transcripts: tf.Tensor,
    separator_id: int,
    place_seconds: float,
    step_seconds: float,
) -> Words:
    """Returns the words of transcripts whose characters have places.

    A character begins in the middle between its time and that of the one
    before, but at most half a place before its time; so it ends.

    Args:
      places: int32 (batch, characters), in any order.
      confidences: float32 (batch, characters), from 0 to 1.
      steps: int32 (batch,), number of steps of each recording; it has no more
        characters.
      ids: int32 (batch, characters), of the transcripts, which may have further
        separators.
      transcripts: See `align`.
      separator_id: The same.
      place_seconds: Duration of a place.
      step_seconds: Duration of a step.
    """
    times = place_seconds * (tf.cast(places, tf.float32) + 0.5)
    counts = tf.cast(ids.row_lengths(), tf.int32)
    times = ascending(times / step_seconds, counts, steps) * step_seconds
    between = (times[:, 1:] + times[:, :-1]) / 2
    reach = place_seconds / 2
    starts, ends = times - reach, times + reach
    starts = tf.concat([starts[:, :1], tf.maximum(starts[:, 1:], between)], 1)
    ends = tf.concat([tf.minimum(ends[:, :-1], between), ends[:, -1:]], 1)
    longest = step_seconds * tf.cast(steps[:, None], tf.float32)
    return _of_characters(
        transcripts,
        ids,
        separator_id,
        tf.maximum(starts, 0),
        tf.minimum(ends, longest),
        confidences,
    )


def ascending(
    times: tf.Tensor, counts: tf.Tensor, steps: tf.Tensor
) -> tf.Tensor:
    """Returns the nearest times that ascend by at least one.

    The largest change is as small as possible (isotonic regression in the
    maximum norm): the mean of the latest time so far and the earliest one from
    there on.

    Args:
      times: float32 (batch, characters), in steps.
      counts: int32 (batch,), number of characters; what follows is padding,
        here and in the result.
      steps: int32 (batch,), at least `counts`; the results are from 0.5 to half
        a step before this.
    """
    size = tf.shape(times)[1]
    ranks = tf.range(size, dtype=tf.float32) + 0.5
    room = tf.cast(tf.maximum(steps - counts, 0), tf.float32)[:, None]
    times = tf.clip_by_value(times - ranks, 0, room)
    times = tf.where(tf.sequence_mask(counts, size), times, room)
    times = tf.transpose(times)
    latest = tf.scan(tf.maximum, times)
    earliest = tf.scan(tf.minimum, times, reverse=True)
    return tf.transpose(latest + earliest) / 2 + ranks


def _of_characters(transcripts, ids, separator_id, starts, ends, confidences):
    """Returns the words of characters with times in seconds."""
    words = tf.strings.split(transcripts, SEPARATOR)
    words = tf.ragged.boolean_mask(words, words != "")
    numbers = _word_numbers(ids.values == separator_id, ids)
    is_character = numbers >= 0
    numbers = tf.boolean_mask(numbers, is_character)

    def of_words(reduce, characters):
        values = tf.RaggedTensor.from_tensor(
            characters, ids.row_lengths()
        ).values
        values = reduce(tf.boolean_mask(values, is_character), numbers)
        return words.with_values(values).to_tensor()

    return Words(
        words.to_tensor(""),
        of_words(tf.math.segment_min, starts),
        of_words(tf.math.segment_max, ends),
        of_words(tf.math.segment_mean, confidences),
    )


def _word_numbers(is_separator, ids):
    """Returns the number of each character's word in the batch; else -1."""
    positions = tf.ragged.range(ids.row_lengths()).values
    follows = tf.concat([[True], is_separator[:-1]], 0)
    is_first = ~is_separator & (follows | (positions == 0))
    numbers = tf.cumsum(tf.cast(is_first, tf.int32)) - 1
    return tf.where(is_separator, -1, numbers)
