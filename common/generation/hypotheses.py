"""The hypotheses of a beam search: their scores, order and tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from typing import NamedTuple

import tensorflow as tf

from common.generation import decoding
from common.generation.decoding import Trace

# From a trace (batch, width, steps, ...) to its alignments (batch, width,
# steps, places), and a bool mask (batch, places) of the places that count.
Alignments = Callable[[Trace], tuple[tf.Tensor, tf.Tensor]]


class Beams(NamedTuple):
    """The hypotheses of a beam search when it ends, in any order.

    Attributes:
      steps: Number of steps that were made.
      log_probability: (batch, beams).
      lengths: int32 (batch, beams); number of tokens.
      counted: int32 (batch, beams); the same with the end, if reached.
      arrays: tf.TensorArrays of tokens, parents and traces of each step,
        (batch, beams, ...).
    """

    steps: tf.Tensor
    log_probability: tf.Tensor
    lengths: tf.Tensor
    counted: tf.Tensor
    arrays: Any


def ranked(
    beams: Beams,
    length_penalty: float | tf.Tensor,
    coverage_penalty: float | tf.Tensor = 0.0,
    alignments: Alignments | None = None,
) -> decoding.Decoded:
    """Returns the hypotheses of a search, ordered by their scores.

    Args:
      beams: The result of `beam_search.search`.
      length_penalty: See `beam_search.beam_search`.
      coverage_penalty: See `beam_search.beam_search`.
      alignments: See `beam_search.beam_search`.
    """
    steps, log_probability, lengths, counted, arrays = beams
    score = normalized(log_probability, counted, length_penalty)
    if alignments:
        order = tf.range(tf.shape(score)[1])[None] + tf.zeros_like(counted)
        _, trace = _backtrack(arrays, steps, order)
        score += coverage_penalty * _coverage(*alignments(trace), counted)
    order = tf.argsort(score, direction="DESCENDING")
    tokens, trace = _backtrack(arrays, steps, order)
    lengths, log_probability, score = (
        tf.gather(values, order, batch_dims=1)
        for values in (lengths, log_probability, score)
    )
    return decoding.Decoded(tokens, lengths, log_probability, score, trace)


def normalized(
    log_probability: tf.Tensor,
    counted: tf.Tensor,
    length_penalty: float | tf.Tensor,
) -> tf.Tensor:
    """Returns finite scores; see `beam_search.beam_search`."""
    dtype = log_probability.dtype
    share = (5 + tf.cast(counted, dtype)) / 6
    score = log_probability / share ** tf.cast(length_penalty, dtype)
    return tf.maximum(score, dtype.min)


def _coverage(alignments, places, counted):
    """Returns the sum of the logarithms of the attention to each place."""
    steps = tf.range(tf.shape(alignments)[2])
    made = tf.cast(steps < counted[..., None], alignments.dtype)
    sums = tf.reduce_sum(alignments * made[..., None], 2)
    logs = tf.math.log(tf.clip_by_value(sums, 1e-9, 1))
    return tf.reduce_sum(tf.where(places[:, None], logs, 0), -1)


def _backtrack(arrays, steps, order):
    """Returns tokens and traces of the beams in the given order."""
    tokens, parents, trace = arrays

    def body(time, beams, paths):
        before = tf.gather(parents.read(time), beams, batch_dims=1)
        kept = tf.gather(tokens.read(time), beams, batch_dims=1)
        traced = tf.nest.map_structure(
            lambda array: tf.gather(array.read(time), before, batch_dims=1),
            trace,
        )
        return (
            time - 1,
            before,
            decoding.write_step(paths, time, (kept, traced)),
        )

    paths = tf.nest.map_structure(
        lambda a: tf.TensorArray(a.dtype, steps, element_shape=a.element_shape),
        (tokens, trace),
    )
    *_, paths = tf.while_loop(
        lambda time, *_: time >= 0, body, (steps - 1, order, paths)
    )
    return tf.nest.map_structure(lambda a: decoding.stacked(a, 2), paths)
