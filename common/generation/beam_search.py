"""Beam search: keeps the best hypotheses at each step."""

from __future__ import annotations

import functools
from collections.abc import Callable

import tensorflow as tf

from common.generation import decoding
from common.generation import hypotheses
from common.generation.decoding import State
from common.generation.decoding import Step


def beam_search(
    step: Step,
    state: State,
    start: tf.Tensor,
    end: int,
    limits: tf.Tensor,
    width: tf.Tensor | int,
    length_penalty: tf.Tensor | float = 0.0,
    coverage_penalty: tf.Tensor | float = 0.0,
    alignments: hypotheses.Alignments | None = None,
) -> decoding.Decoded:
    r"""Decodes with a beam; returns all its hypotheses, the best first.

    The score is $\log p / ((5 + n) / 6)^\alpha$ for $n$ tokens, the end token
    included, and finally $+ \beta \sum_i \log \min(\sum_t a_{ti}, 1)$ over the
    places $i$ of the memory. A hypothesis that has ended stays in the beam as
    long as its score is among the best. With a width of 1 this is
    `decoding.greedy`. If there are fewer sequences than `width`, the remaining
    beams have a log probability below -1e30.

    Args:
      step: See `decoding.Step`.
      state: See `decoding.greedy`.
      start: See `decoding.greedy`.
      end: See `decoding.greedy`.
      limits: See `decoding.greedy`.
      width: Beam width.
      length_penalty: alpha; 0 favors short sequences, 1 long ones.
      coverage_penalty: beta; penalizes places with little attention.
      alignments: See `hypotheses.Alignments`; for a coverage penalty only.

    Reference: Wu et al., Google's Neural Machine Translation System, 2016.
    """
    best = functools.partial(
        choose, end=end, width=width, length_penalty=length_penalty
    )
    beams = search(step, state, start, end, limits, 1, width, best)
    return hypotheses.ranked(
        beams, length_penalty, coverage_penalty, alignments
    )


def search(
    step: Step,
    state: State,
    start: tf.Tensor,
    end: int,
    limits: tf.Tensor,
    groups: int | tf.Tensor,
    width: int | tf.Tensor,
    choose: Callable[..., tuple[tf.Tensor, tf.Tensor, tf.Tensor]],
) -> hypotheses.Beams:
    """Extends groups of beams step by step.

    Args:
      step: See `decoding.Step`.
      state: See `decoding.greedy`.
      start: See `decoding.greedy`.
      end: See `decoding.greedy`.
      limits: See `decoding.greedy`.
      groups: Number of groups.
      width: Beams of a group.
      choose: Maps logits (batch, beams, vocabulary) and, (batch, beams) each,
        log probabilities, numbers of tokens and whether a beam has ended, to
        log probabilities, tokens and parents of the next beams.
    """
    batch, longest = tf.shape(start)[0], tf.reduce_max(limits)
    limits, beams = limits[:, None], groups * width
    state = tf.nest.map_structure(lambda s: tf.repeat(s, beams, 0), state)
    tokens = tf.repeat(start[:, None], beams, 1)
    # For the types only: the graph is pruned of this step.
    logits, _, trace = step(tf.reshape(tokens, [-1]), state)

    def more(time, done, *_):
        return (time == 0) | (time < longest) & ~tf.reduce_all(done)

    def body(
        time, done, tokens, state, log_probability, lengths, counted, arrays
    ):
        before = done, tokens, state, log_probability, lengths, counted
        logits, state, trace = step(tf.reshape(tokens, [-1]), state)
        logits = tf.reshape(logits, [batch, beams, tf.shape(logits)[-1]])
        counted += tf.where(done, 0, 1)
        log_probability, tokens, parents = choose(
            logits, log_probability, counted, done
        )
        rows = tf.reshape(parents + beams * tf.range(batch)[:, None], [-1])
        state = tf.nest.map_structure(lambda s: tf.gather(s, rows), state)
        lengths, counted, done = (
            tf.gather(values, parents, batch_dims=1)
            for values in (lengths, counted, done)
        )
        done |= tokens == end
        lengths += tf.where(done, 0, 1)
        kept = tf.where(done, 0, tokens)
        arrays = decoding.write_step(
            arrays, time, (kept, parents, _split(trace, beams))
        )
        done |= lengths >= limits
        after = done, tokens, state, log_probability, lengths, counted
        return time + 1, *_with_shapes_of(before, after), arrays

    zeros = tf.zeros([batch, beams], tf.int32)
    # The beams of a group are equal at first: only one of them may be chosen.
    first = _zero_for_first(zeros + tf.range(beams) % width, logits.dtype)
    done = tf.repeat(limits <= 0, beams, 1)
    arrays = decoding.arrays_for((zeros, zeros, _split(trace, beams)))
    steps, *_, log_probability, lengths, counted, arrays = tf.while_loop(
        more, body, (0, done, tokens, state, first, zeros, zeros, arrays)
    )
    return hypotheses.Beams(steps, log_probability, lengths, counted, arrays)


def choose(
    logits: tf.Tensor,
    log_probability: tf.Tensor,
    counted: tf.Tensor,
    done: tf.Tensor,
    end: int,
    width: int | tf.Tensor,
    length_penalty: float | tf.Tensor,
    charge: tf.Tensor | None = None,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Returns log probabilities, tokens and parents of the best extensions.

    Args:
      logits: See `search`.
      log_probability: See `search`.
      counted: See `search`.
      done: See `search`.
      end: The end token.
      width: Beam width.
      length_penalty: See `beam_search`.
      charge: (batch, vocabulary); subtracted from the log probabilities of
        tokens for the choice, and not from those that are returned.
    """
    batch, size = tf.shape(logits)[0], tf.shape(logits)[-1]
    count = tf.minimum(width, size)
    # By the logits themselves: sums of many are too coarse to distinguish the
    # best from the second.
    if charge is None:
        best, tokens = tf.math.top_k(logits, count)
    else:
        _, tokens = tf.math.top_k(logits - charge[:, None], count)
        best = tf.gather(logits, tokens, batch_dims=2)
        charge = tf.gather(charge, tokens, batch_dims=1)
        charge *= tf.cast(~done[..., None], charge.dtype)
    added = best - tf.reduce_logsumexp(logits, -1, keepdims=True)
    # A hypothesis that has ended has one extension, which costs nothing.
    unchanged = _zero_for_first(tf.range(count), added.dtype)
    added = tf.where(done[..., None], unchanged, added)
    tokens = tf.where(done[..., None], end, tokens)
    # The sum of two lowest numbers is out of range.
    sums = tf.maximum(log_probability[..., None] + added, added.dtype.min)
    scores = sums if charge is None else sums - charge
    scores = hypotheses.normalized(scores, counted[..., None], length_penalty)
    _, best = tf.math.top_k(tf.reshape(scores, [batch, -1]), width)
    log_probability, tokens = (
        tf.gather(tf.reshape(values, [batch, -1]), best, batch_dims=1)
        for values in (sums, tokens)
    )
    return log_probability, tokens, best // count


def _zero_for_first(ranks, dtype):
    """Returns 0 for rank 0, and the lowest number for all other ranks."""
    return tf.where(ranks == 0, tf.zeros([], dtype), dtype.min)


def _with_shapes_of(before, after):
    """Returns tensors with the static shapes that they had before a step."""
    return tf.nest.map_structure(
        lambda a, b: tf.ensure_shape(a, b.shape), after, before
    )


def _split(trace, width):
    """Returns traces (batch, width, ...) of (rows, ...)."""

    def split(values):
        shape = tf.concat([[-1, width], tf.shape(values)[1:]], 0)
        parts = tf.reshape(values, shape)
        return tf.ensure_shape(parts, [None, None, *values.shape[1:]])

    return tf.nest.map_structure(split, trace)
