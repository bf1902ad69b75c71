"""The prefixes of a CTC prefix beam search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from common.generation.ctc import scorer as scorer_lib
from common.generation.ctc.automaton import FORBIDDEN
from common.generation.ctc.scorer import WORST
from common.generation.ctc.scorer import Scorer

MAX_WIDTH = 128  # Prefixes of a beam.
FRACTIONS = 2.0**24  # Of a nat, in `Beams.peaks`.


class Beams(NamedTuple):
    """The state of a search: the best prefixes so far, in order.

    Its structure is the same in each frame, so that it is also the state of a
    stream. Log probabilities are relative to the most probable token of each
    frame: so they stay near 0, where they are exact.

    Attributes:
      prefix: string (batch, width); the symbols of each prefix.
      identity: int64 (batch, width); a number for the tokens of the prefix.
      parent: int64 (batch, width); the same without the last token.
      last: int32 (batch, width); the last token, 0 for none.
      blank: float32 (batch, width); log probability of the paths of the prefix
        that end in a blank.
      label: float32 (batch, width); of those that end in its last token.
      bonus: float32 (batch, width); weighted scores of all scorers.
      states: int32 (batch, width, scorers); of their automata.
      peaks: int64 (batch,); sum of the highest log probabilities of the frames,
        in nats / `FRACTIONS`.
    """

    prefix: tf.Tensor
    identity: tf.Tensor
    parent: tf.Tensor
    last: tf.Tensor
    blank: tf.Tensor
    label: tf.Tensor
    bonus: tf.Tensor
    states: tf.Tensor
    peaks: tf.Tensor


def initial(
    batch: tf.Tensor | int, width: tf.Tensor | int, scorers: int = 0
) -> Beams:
    """Returns the beams before the first frame: the empty prefix.

    Args:
      batch: Number of rows.
      width: Beam width, up to `MAX_WIDTH`.
      scorers: Number of scorers.
    """
    ranks = tf.range(width)[None] + tf.zeros([batch, 1], tf.int32)
    zeros = tf.zeros([batch, width])
    # Only the first place holds a prefix.
    blank = tf.where(ranks == 0, zeros, FORBIDDEN)
    return Beams(
        tf.fill([batch, width], ""),
        tf.ones([batch, width], tf.int64),
        tf.zeros([batch, width], tf.int64),
        tf.zeros_like(ranks),
        blank,
        zeros + FORBIDDEN,
        zeros,
        tf.zeros([batch, width, scorers], tf.int32),
        tf.zeros([batch], tf.int64),
    )


def ranked(
    beams: Beams, scorers: Sequence[Scorer] = ()
) -> tuple[tf.Tensor, tf.Tensor]:
    r"""Returns the texts of the beams and their scores, the best first.

    Places without a text, because there are fewer prefixes or because a scorer
    forbids to end there, have an empty one and a score of `FORBIDDEN`.

    Args:
      beams: The result of `prefix_beam_search.advance`.
      scorers: The scorers of the search; none for the texts so far, before the
        end of a stream, which may end within a word of a list.

    Returns:
      string and float32 (batch, width): $\log p + \sum_i w_i s_i$, see
      `prefix_beam_search.advance`, with the log probability of ending in each
      $s_i$, unless `scorers` are left out.
    """
    scores = log_sums(beams.blank, beams.label)[1] + beams.bonus
    if scorers:
        automata = scorer_lib.weighted(scorers)
        scores += scorer_lib.final_scores(automata, beams.states)
    scores, order = tf.math.top_k(scores, tf.shape(scores)[1])
    texts = tf.gather(beams.prefix, order, batch_dims=1)
    peaks = tf.cast(tf.cast(beams.peaks, tf.float64) / FRACTIONS, tf.float32)
    is_text = scores > WORST
    return (
        tf.where(is_text, texts, ""),
        tf.where(is_text, scores + peaks[:, None], FORBIDDEN),
    )


def log_sums(*log_probs: tf.Tensor) -> list[tf.Tensor]:
    """Returns the logarithms of the cumulative sums of probabilities.

    Of all ops with logarithms, this one has bits that do not depend on the
    place of a number in its tensor.
    """
    stacked = tf.stack(log_probs, 2)
    return tf.unstack(tf.math.cumulative_logsumexp(stacked, 2), axis=2)
