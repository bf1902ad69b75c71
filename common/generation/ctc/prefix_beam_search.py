"""CTC prefix beam search, with language models and word lists.

Decodes frames of CTC in the graph, whole or as they come: `advance` reads some
frames and returns `Beams` of the structure that it was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from common.generation.ctc import scorer as scorer_lib
from common.generation.ctc.automaton import FORBIDDEN
from common.generation.ctc.automaton import Automaton
from common.generation.ctc.beams import FRACTIONS
from common.generation.ctc.beams import Beams
from common.generation.ctc.beams import log_sums
from common.generation.ctc.scorer import WORST
from common.generation.ctc.scorer import Scorer

# A prefix is identified by 52 bits, which JSON keeps. That two of the 10^7
# pairs compared in an hour agree by chance has a probability of 10^-8.
BITS = 2**52 - 1
FACTOR = 0x9E3779B97F4A3  # Odd, of random bits.
LOWEST = -1e6  # Log probability of a token.


def advance(
    beams: Beams,
    log_probs: tf.Tensor,
    lengths: tf.Tensor,
    symbols: tf.Tensor,
    scorers: Sequence[Scorer] = (),
) -> Beams:
    r"""Returns the beams after further frames.

    With $b$ and $n$ the probabilities of the paths of a prefix $\ell$ that end
    in a blank and in its last token $e$, and $y$ those of the frame,
    $b'(\ell) = y(\text{blank}) \, (b(\ell) + n(\ell))$ and
    $n'(\ell) = y(e) \, n(\ell) + y(e) \, (b(k) + [e \ne e_k] \, n(k))$, where
    $\ell = k e$ and $e_k$ is the last token of $k$; the second term is 0 if $k$
    is not in the beam. Of all prefixes in the beam and their extensions by one
    token, those with the best $\log (b' + n') + \sum_i w_i s_i(\ell)$ are kept,
    with $s_i$ the score of scorer $i$. A width of 1 keeps the best prefix of
    each frame: greedy decoding.

    Frames do not change the bits of a row beyond its length. Chunks of any size
    give the bits of the whole, and a row those that it gets alone.

    Args:
      beams: Of `initial`, or the result for the frames before.
      log_probs: float32 (batch, frames, 1 + tokens); token 0 is the blank.
      lengths: int32 (batch,); number of frames of each row.
      symbols: string (1 + tokens,); what each token adds to a prefix. The
        first one, of the blank, is empty.
      scorers: The same in each call.

    Reference: Graves & Jaitly, Towards End-to-End Speech Recognition with
    Recurrent Neural Networks, 2014. Hannun et al., First-Pass Large Vocabulary
    Continuous Speech Recognition using Bi-Directional Recurrent DNNs, 2014.
    """
    frames = tf.minimum(tf.reduce_max(lengths), tf.shape(log_probs)[1])
    log_probs, peaks = _relative(log_probs, lengths)
    constants = _constants(tf.shape(beams.last)[1], symbols, scorers)

    def body(time, beams):
        is_frame = (time < lengths)[:, None]
        candidates = _extended(
            beams, log_probs[time], is_frame, constants.tokens
        )
        chosen = _best(beams, candidates, is_frame, constants)
        return time + 1, Beams(
            *(
                tf.ensure_shape(after, before.shape)
                for before, after in zip(beams, chosen)
            )
        )

    _, beams = tf.while_loop(lambda time, _: time < frames, body, (0, beams))
    return beams._replace(peaks=beams.peaks + peaks)


class _Constants(NamedTuple):
    """Constants of all frames.

    Attributes:
      symbols: string (1 + tokens,).
      automata: See `scorer.weighted`.
      tokens: int32 (1 + tokens,), from 0 on.
      stays: int32 (width,); in a row of candidates (width * (1 + tokens),), the
        places of the prefixes that stay as they are.
      flat: The shape of such rows.
    """

    symbols: tf.Tensor
    automata: Sequence[Automaton]
    tokens: tf.Tensor
    stays: tf.Tensor
    flat: tf.Tensor


def _constants(width, symbols, scorers):
    symbols = tf.convert_to_tensor(symbols)
    size = tf.size(symbols)
    return _Constants(
        symbols,
        scorer_lib.weighted(scorers),
        tf.range(size),
        tf.range(width) * size,
        tf.stack([-1, width * size]),
    )


def _relative(log_probs, lengths):
    """Returns log probabilities relative to the highest of a frame, and sums.

    Returns:
      float32 (frames, batch, 1 + tokens), 0 beyond a row's length; and the sum
      of the highest ones, see `Beams.peaks`. Integers have the same sum in any
      order.
    """
    is_frame = tf.sequence_mask(lengths, tf.shape(log_probs)[1])
    log_probs = tf.where(is_frame[..., None], log_probs, 0.0)
    log_probs = tf.maximum(log_probs, LOWEST)
    highest = tf.reduce_max(log_probs, -1, keepdims=True)
    fractions = tf.round(tf.cast(highest[..., 0], tf.float64) * FRACTIONS)
    peaks = tf.reduce_sum(tf.cast(fractions, tf.int64), 1)
    return tf.transpose(log_probs - highest, [1, 0, 2]), peaks


class _Candidates(NamedTuple):
    """The extensions of the prefixes of a beam.

    Attributes:
      log_probs: float32 (batch, width, 1 + tokens); of each prefix and, in
        column 0, of those that stay as they are.
      blank: See `Beams`; of those that stay.
      label: See `Beams`; of those that stay.
    """

    log_probs: tf.Tensor
    blank: tf.Tensor
    label: tf.Tensor


def _extended(beams, log_probs, is_frame, tokens):
    """Returns the candidates of one frame.

    Args:
      beams: `Beams`.
      log_probs: (batch, 1 + tokens).
      is_frame: bool (batch, 1); rows without a frame keep `Beams`.
      tokens: int32 (1 + tokens,), from 0 on.
    """
    either = log_sums(beams.blank, beams.label)[1]
    is_last = beams.last[..., None] == tokens
    extended = tf.where(is_last, beams.blank[..., None], either[..., None])
    extended += log_probs[:, None]
    # [b, p, q]: prefix q is prefix p and one more token, its last one.
    is_child = beams.identity[..., None] == beams.parent[:, None]
    arriving = tf.gather(extended, beams.last, axis=2, batch_dims=1)
    arriving = tf.reduce_max(tf.where(is_child, arriving, FORBIDDEN), 1)
    blank = either + log_probs[:, :1]
    label = beams.label + tf.gather(log_probs, beams.last, batch_dims=1)
    _, label, total = log_sums(label, arriving, blank)
    # These are in the beam already.
    children = tf.matmul(
        tf.cast(is_child, tf.float32), tf.cast(is_last, tf.float32)
    )
    extended += FORBIDDEN * children
    return _Candidates(
        tf.where(tokens > 0, extended, total[..., None]),
        tf.where(is_frame, blank, beams.blank),
        tf.where(is_frame, label, beams.label),
    )


def _best(beams, candidates, is_frame, constants):
    """Returns the `Beams` with the best of the candidates."""
    symbols, automata, tokens, stays, flat = constants
    log_probs = tf.reshape(candidates.log_probs, flat)
    scores = log_probs
    if automata:
        bonus = beams.bonus[..., None]
        bonus += scorer_lib.token_scores(automata, beams.states)
        bonus = tf.reshape(bonus, flat)
        scores += bonus
    _, places = tf.math.top_k(scores, tf.size(stays))
    places = tf.where(is_frame, places, stays)
    source, token = places // tf.size(tokens), places % tf.size(tokens)
    after = _moved(beams, candidates, source, token, symbols)
    if automata:
        states = _taken(beams.states, source)
        after = after._replace(
            bonus=_taken(bonus, places),
            states=scorer_lib.next_states(automata, states, token),
        )
    # A place without a prefix has no parent, and so never gets paths of one.
    is_prefix = _taken(scores, places) > WORST
    return after._replace(
        label=tf.where(token == 0, after.label, _taken(log_probs, places)),
        parent=tf.where(is_prefix, after.parent, 0),
    )


def _moved(beams, candidates, source, token, symbols):
    """Returns the `Beams` of the places `source`, with a token added to each.

    Where the token is a blank, they stay; elsewhere, `Beams.label` is missing.
    """
    stays = token == 0
    identity = _taken(beams.identity, source)
    extended = tf.bitwise.bitwise_and(
        identity * FACTOR + tf.cast(token, tf.int64), BITS
    )
    prefix = [_taken(beams.prefix, source), tf.gather(symbols, token)]
    return beams._replace(
        prefix=tf.strings.join(prefix),
        identity=tf.where(stays, identity, extended),
        parent=tf.where(stays, _taken(beams.parent, source), identity),
        last=tf.where(stays, _taken(beams.last, source), token),
        blank=tf.where(stays, _taken(candidates.blank, source), FORBIDDEN),
        label=_taken(candidates.label, source),
    )


def _taken(values, places):
    """Returns the values (batch, width, ...) of places (batch, width)."""
    return tf.gather(values, places, batch_dims=1)
