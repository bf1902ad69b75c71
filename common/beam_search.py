"""Beam search: the best sequences, followed side by side."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from common import decoding


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
    batch, longest = tf.shape(start)[0], tf.reduce_max(limits)
    limits = limits[:, None]
    state = tf.nest.map_structure(lambda s: tf.repeat(s, width, 0), state)
    tokens = tf.repeat(start[:, None], width, 1)
    # For their types only: the graph is pruned of this step.
    logits, _, trace = step(tf.reshape(tokens, [-1]), state)
    lowest = tf.constant(logits.dtype.min, logits.dtype)

    def normalized(log_probability, counted):
        share = (5 + tf.cast(counted, lowest.dtype)) / 6
        score = log_probability / share ** tf.cast(length_penalty, lowest.dtype)
        return tf.maximum(score, lowest)

    def more(time, tokens, state, scored, lengths, counted, done, arrays):
        return (time == 0) | (time < longest) & ~tf.reduce_all(done)

    def body(time, tokens, state, scored, lengths, counted, done, arrays):
        before = tokens, state, scored, lengths, counted, done
        logits, state, trace = step(tf.reshape(tokens, [-1]), state)
        size = tf.shape(logits)[-1]
        logits = tf.reshape(logits, [batch, width, size])
        # By the logits themselves: sums of many are too coarse to tell the
        # best from the second.
        ways = tf.minimum(width, size)
        best, tokens = tf.math.top_k(logits, ways)
        added = best - tf.reduce_logsumexp(logits, -1, keepdims=True)
        # What is done goes on in one way only, which costs nothing.
        stays = tf.where(tf.range(ways) == 0, tf.zeros_like(lowest), lowest)
        added = tf.where(done[..., None], stays, added)
        tokens = tf.where(done[..., None], end, tokens)
        # The sum of two lowest ones is out of range.
        scored = tf.maximum(scored[..., None] + added, lowest)
        counted += tf.where(done, 0, 1)
        ranked = normalized(scored, counted[..., None])
        _, best = tf.math.top_k(tf.reshape(ranked, [batch, -1]), width)
        scored, tokens = (
            tf.gather(tf.reshape(values, [batch, -1]), best, batch_dims=1)
            for values in (scored, tokens)
        )
        parents = best // ways
        rows = tf.reshape(parents + width * tf.range(batch)[:, None], [-1])
        state = tf.nest.map_structure(lambda s: tf.gather(s, rows), state)
        lengths, counted, done = (
            tf.gather(values, parents, batch_dims=1)
            for values in (lengths, counted, done)
        )
        done |= tokens == end
        lengths += tf.where(done, 0, 1)
        kept = tf.where(done, 0, tokens)
        arrays = decoding.write_step(
            arrays, time, (kept, parents, _split(trace, width))
        )
        done |= lengths >= limits
        after = tokens, state, scored, lengths, counted, done
        return time + 1, *_like(after, before), arrays

    zeros = tf.zeros([batch, width], tf.int32)
    # At first all are the same, and only one of them shall be followed.
    scored = tf.where(tf.range(width) == 0, tf.zeros_like(lowest), lowest)
    scored = scored + tf.cast(zeros, lowest.dtype)
    done = tf.repeat(limits <= 0, width, 1)
    arrays = decoding.arrays_for((zeros, zeros, _split(trace, width)))
    steps, *_, scored, lengths, counted, _, arrays = tf.while_loop(
        more, body, (0, tokens, state, scored, zeros, zeros, done, arrays)
    )
    order = tf.range(width)[None] + zeros
    score = normalized(scored, counted)
    if alignments:
        _, trace = _backtrack(arrays, steps, order)
        score += coverage_penalty * _coverage(*alignments(trace), counted)
    order = tf.math.top_k(score, width).indices
    tokens, trace = _backtrack(arrays, steps, order)
    lengths, scored, score = (
        tf.gather(values, order, batch_dims=1)
        for values in (lengths, scored, score)
    )
    return decoding.Decoded(tokens, lengths, scored, score, trace)


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
