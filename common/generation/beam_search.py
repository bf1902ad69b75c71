"""Beam search: the best sequences, followed side by side."""

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from common.generation import decoding


def beam_search(
    step: Callable,
    state: Any,
    start: tf.Tensor,
    end: int,
    limits: tf.Tensor,
    width: tf.Tensor | int,
    length_penalty: tf.Tensor | float = 0.0,
    coverage_penalty: tf.Tensor | float = 0.0,
    alignments: Callable | None = None,
) -> decoding.Decoded:
    r"""Follows the best sequences side by side; returns them all.

    The score is $\log p / ((5 + n) / 6)^\alpha$ for $n$ tokens, that of the
    end counted, and at last $+ \beta \sum_i \log \min(\sum_t a_{ti}, 1)$ over
    the places $i$ of the memory. A sequence that has ended stays in the beam as
    long as its score is among the best. With a width of 1 this is
    `decoding.greedy`. Where there are fewer sequences than `width`, others have
    a log probability below -1e30.

    Args:
      step: as of `decoding.greedy`.
      state: as of `decoding.greedy`.
      start: as of `decoding.greedy`.
      end: as of `decoding.greedy`.
      limits: as of `decoding.greedy`.
      width: of the beam.
      length_penalty: alpha; 0 favours short sequences, 1 long ones.
      coverage_penalty: beta; punishes places that nothing attended to.
      alignments: returns the alignments (batch, width, steps, places) that a
        trace (batch, width, steps, ...) holds, and a bool mask (batch, places)
        of those that count; needed for a coverage penalty only.

    Reference: Wu et al., Google's Neural Machine Translation System, 2016.
    """
    best = functools.partial(
        choose, end=end, width=width, length_penalty=length_penalty
    )
    found = follow(step, state, start, end, limits, 1, width, best)
    return best_first(*found, length_penalty, coverage_penalty, alignments)


def follow(step, state, start, end, limits, groups, width, choose):
    """Follows groups of beams by what `choose` takes at each step.

    Args:
      step: as of `decoding.greedy`.
      state: as of `decoding.greedy`.
      start: as of `decoding.greedy`.
      end: as of `decoding.greedy`.
      limits: as of `decoding.greedy`.
      groups: number of them.
      width: of the beam of each; all beams are `groups * width`.
      choose: takes logits (batch, beams, vocabulary), and (batch, beams) each:
        log probabilities, how many tokens count, and what is done; returns
        log probabilities, tokens and parents of what is followed.

    Returns:
      The arguments of `best_first`, up to the penalties.
    """
    batch, longest = tf.shape(start)[0], tf.reduce_max(limits)
    limits, beams = limits[:, None], groups * width
    state = tf.nest.map_structure(lambda s: tf.repeat(s, beams, 0), state)
    tokens = tf.repeat(start[:, None], beams, 1)
    # For their types only: the graph is pruned of this step.
    logits, _, trace = step(tf.reshape(tokens, [-1]), state)

    def more(time, done, *_):
        return (time == 0) | (time < longest) & ~tf.reduce_all(done)

    def body(time, done, tokens, state, scored, lengths, counted, arrays):
        before = done, tokens, state, scored, lengths, counted
        logits, state, trace = step(tf.reshape(tokens, [-1]), state)
        logits = tf.reshape(logits, [batch, beams, tf.shape(logits)[-1]])
        counted += tf.where(done, 0, 1)
        scored, tokens, parents = choose(logits, scored, counted, done)
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
        after = done, tokens, state, scored, lengths, counted
        return time + 1, *_like(after, before), arrays

    zeros = tf.zeros([batch, beams], tf.int32)
    # At first all of a group are the same, and only one shall be followed.
    scored = _first_only(zeros + tf.range(beams) % width, logits.dtype)
    done = tf.repeat(limits <= 0, beams, 1)
    arrays = decoding.arrays_for((zeros, zeros, _split(trace, beams)))
    steps, *_, scored, lengths, counted, arrays = tf.while_loop(
        more, body, (0, done, tokens, state, scored, zeros, zeros, arrays)
    )
    return steps, scored, lengths, counted, arrays


def choose(
    logits, scored, counted, done, end, width, length_penalty, charge=None
):
    """Returns log probabilities, tokens and parents of the best of a group.

    A charge (batch, vocabulary) on the tokens counts for the choice only, and
    not for what is done.
    """
    batch, size = tf.shape(logits)[0], tf.shape(logits)[-1]
    ways = tf.minimum(width, size)
    # By the logits themselves: sums of many are too coarse to tell the best
    # from the second.
    if charge is None:
        best, tokens = tf.math.top_k(logits, ways)
    else:
        _, tokens = tf.math.top_k(logits - charge[:, None], ways)
        best = tf.gather(logits, tokens, batch_dims=2)
        charge = tf.gather(charge, tokens, batch_dims=1)
        charge *= tf.cast(~done[..., None], charge.dtype)
    added = best - tf.reduce_logsumexp(logits, -1, keepdims=True)
    # What is done goes on in one way only, which costs nothing.
    stays = _first_only(tf.range(ways), added.dtype)
    added = tf.where(done[..., None], stays, added)
    tokens = tf.where(done[..., None], end, tokens)
    # The sum of two lowest ones is out of range.
    scored = tf.maximum(scored[..., None] + added, added.dtype.min)
    ranked = scored if charge is None else scored - charge
    ranked = _normalized(ranked, counted[..., None], length_penalty)
    _, best = tf.math.top_k(tf.reshape(ranked, [batch, -1]), width)
    scored, tokens = (
        tf.gather(tf.reshape(values, [batch, -1]), best, batch_dims=1)
        for values in (scored, tokens)
    )
    return scored, tokens, best // ways


def best_first(
    steps,
    scored,
    lengths,
    counted,
    arrays,
    length_penalty,
    coverage_penalty=0.0,
    alignments=None,
):
    """Returns what `follow` found, ordered by its score."""
    score = _normalized(scored, counted, length_penalty)
    if alignments:
        order = tf.range(tf.shape(score)[1])[None] + tf.zeros_like(counted)
        _, trace = _backtrack(arrays, steps, order)
        score += coverage_penalty * _coverage(*alignments(trace), counted)
    order = tf.argsort(score, direction="DESCENDING")
    tokens, trace = _backtrack(arrays, steps, order)
    lengths, scored, score = (
        tf.gather(values, order, batch_dims=1)
        for values in (lengths, scored, score)
    )
    return decoding.Decoded(tokens, lengths, scored, score, trace)


def _normalized(log_probability, counted, length_penalty):
    """Returns scores, none of them out of range."""
    dtype = log_probability.dtype
    share = (5 + tf.cast(counted, dtype)) / 6
    score = log_probability / share ** tf.cast(length_penalty, dtype)
    return tf.maximum(score, dtype.min)


def _first_only(ranks, dtype):
    """Returns 0 for rank 0, and the lowest number for all others."""
    return tf.where(ranks == 0, tf.zeros([], dtype), dtype.min)


def _like(after, before):
    """Returns tensors with the static shapes that they had before."""
    return tf.nest.map_structure(
        lambda a, b: tf.ensure_shape(a, b.shape), after, before
    )


def _coverage(alignments, places, counted):
    """Returns the logarithms of how far each place was attended to, summed."""
    steps = tf.range(tf.shape(alignments)[2])
    made = tf.cast(steps < counted[..., None], alignments.dtype)
    sums = tf.reduce_sum(alignments * made[..., None], 2)
    logs = tf.math.log(tf.clip_by_value(sums, 1e-9, 1))
    return tf.reduce_sum(tf.where(places[:, None], logs, 0), -1)


def _backtrack(arrays, steps, order):
    """Returns tokens and traces of the beams that stand in `order` at last."""
    tokens, parents, trace = arrays

    def body(time, beams, found):
        before = tf.gather(parents.read(time), beams, batch_dims=1)
        kept = tf.gather(tokens.read(time), beams, batch_dims=1)
        traced = tf.nest.map_structure(
            lambda array: tf.gather(array.read(time), before, batch_dims=1),
            trace,
        )
        return (
            time - 1,
            before,
            decoding.write_step(found, time, (kept, traced)),
        )

    found = tf.nest.map_structure(
        lambda a: tf.TensorArray(a.dtype, steps, element_shape=a.element_shape),
        (tokens, trace),
    )
    *_, found = tf.while_loop(
        lambda time, *_: time >= 0, body, (steps - 1, order, found)
    )
    return tf.nest.map_structure(lambda a: decoding.stacked(a, 2), found)


def _split(trace, width):
    """Returns traces (batch, width, ...) of (rows, ...)."""

    def split(values):
        shape = tf.concat([[-1, width], tf.shape(values)[1:]], 0)
        parts = tf.reshape(values, shape)
        return tf.ensure_shape(parts, [None, None, *values.shape[1:]])

    return tf.nest.map_structure(split, trace)
