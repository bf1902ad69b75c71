"""Decoding: from a step that scores the next token to whole sequences.

All functions run in the graph, and know of a model only its step:

    step(tokens, state) -> logits, state, trace

for `tokens` (rows,) that came last, `state` a nest of tensors (rows, ...),
`logits` (rows, vocabulary) of the next ones, and `trace` a nest of tensors
(rows, ...) to be kept of each step, such as the alignment; () for none. A step
costs the same at every position, and what a row gets does not depend on the
rows beside it.

A sequence ends with the mark `end`, or where it has as many tokens as its
limit allows. Behind its last token there are zeros. At least one step is made.
"""

from collections.abc import Callable
from typing import Any
from typing import NamedTuple

import tensorflow as tf


class Decoded(NamedTuple):
    """What was decoded; `n` is 1, or the width of the beam, the best first.

    Attributes:
      tokens: int32 (batch, n, steps), without marks of the end.
      lengths: int32 (batch, n); how many tokens there are.
      log_probability: (batch, n); of the tokens, and of the end where it was
        reached.
      score: (batch, n); what the sequences are ordered by.
      trace: what `step` traced, (batch, n, steps, ...).
    """

    tokens: tf.Tensor
    lengths: tf.Tensor
    log_probability: tf.Tensor
    score: tf.Tensor
    trace: Any


def greedy(
    step: Callable, state: Any, start: tf.Tensor, end: int, limits: tf.Tensor
) -> Decoded:
    """Takes the most probable token at each step.

    Args:
      step: as told above.
      state: its first state, of `batch` rows.
      start: int32 (batch,); the tokens to begin with.
      end: the mark of the end.
      limits: int32 (batch,); how many tokens each sequence may have.
    """

    def choose(logits, time):
        return tf.argmax(logits, -1, tf.int32)

    return _follow(step, state, start, end, limits, choose)


def sample(
    step: Callable,
    state: Any,
    start: tf.Tensor,
    end: int,
    limits: tf.Tensor,
    seeds: tf.Tensor,
    temperature: tf.Tensor | float = 1.0,
    top_k: tf.Tensor | int = 0,
    top_p: tf.Tensor | float = 1.0,
) -> Decoded:
    """Draws each token from the probabilities of the step.

    Args:
      step: as of `greedy`.
      state: as of `greedy`.
      start: as of `greedy`.
      end: as of `greedy`.
      limits: as of `greedy`.
      seeds: int32 (batch,); a sequence depends on its own alone.
      temperature: divides the logits; 0 is `greedy`.
      top_k: draws from so many of the most probable tokens; 0: from all.
      top_p: draws from the fewest most probable tokens whose probabilities
        add up to this (nucleus sampling, Holtzman et al. 2020).
    """
    temperature = tf.maximum(tf.cast(temperature, tf.float32), 1e-6)

    def choose(logits, time):
        size = tf.shape(logits)[-1]
        logits, tokens = tf.math.top_k(logits, size)
        logits = (logits - logits[:, :1]) / temperature
        shares = tf.nn.softmax(logits)
        better = tf.cumsum(shares, -1, exclusive=True)
        ranks = tf.range(size)
        kept = (ranks < tf.where(top_k > 0, top_k, size)) & (better < top_p)
        kept |= ranks == 0
        sums = tf.cumsum(tf.where(kept, shares, 0.0), -1)
        drawn = _uniform(seeds, time) * sums[:, -1]
        place = tf.reduce_sum(tf.cast(sums <= drawn[:, None], tf.int32), -1)
        return tf.gather(tokens, place, batch_dims=1)

    return _follow(step, state, start, end, limits, choose)


def _uniform(seeds, time):
    """Returns a number in [0, 1) for each seed."""
    return tf.map_fn(
        lambda seed: tf.random.stateless_uniform([], [seed, time]),
        seeds,
        fn_output_signature=tf.float32,
    )


def _follow(step, state, start, end, limits, choose):
    """Decodes one sequence a row, by what `choose` takes of the logits."""
    rows, longest = tf.shape(start)[0], tf.reduce_max(limits)
    # For their types only: the graph is pruned of this step.
    logits, _, trace = step(start, state)
    arrays = _arrays((start, trace))

    def more(time, tokens, state, log_probability, lengths, done, arrays):
        return (time == 0) | (time < longest) & ~tf.reduce_all(done)

    def body(time, tokens, state, log_probability, lengths, done, arrays):
        logits, state, trace = step(tokens, state)
        tokens = choose(logits, time)
        chosen = tf.gather(tf.nn.log_softmax(logits), tokens, batch_dims=1)
        log_probability += tf.where(done, tf.zeros_like(chosen), chosen)
        done |= tokens == end
        lengths += tf.where(done, 0, 1)
        arrays = _write(arrays, time, (tf.where(done, 0, tokens), trace))
        done |= lengths >= limits
        return time + 1, tokens, state, log_probability, lengths, done, arrays

    zeros = tf.zeros([rows], tf.int32)
    first = tf.cast(zeros, logits.dtype), zeros, limits <= 0
    *_, log_probability, lengths, _, arrays = tf.while_loop(
        more, body, (0, start, state, *first, arrays)
    )
    tokens, trace = tf.nest.map_structure(
        lambda array: _stack(array)[:, None], arrays
    )
    log_probability = log_probability[:, None]
    return Decoded(
        tokens, lengths[:, None], log_probability, log_probability, trace
    )


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
) -> Decoded:
    r"""Follows the best sequences side by side; returns them all.

    The score is $\log p / ((5 + n) / 6)^\alpha$ for $n$ tokens, that of the
    end counted, and at last $+ \beta \sum_i \log \min(\sum_t a_{ti}, 1)$ over
    the places $i$ of the memory. A sequence that has ended stays in the beam as
    long as its score is among the best. With a width of 1 this is `greedy`.
    Where there are fewer sequences than `width`, others have a log probability
    below -1e30.

    Args:
      step: as of `greedy`.
      state: as of `greedy`.
      start: as of `greedy`.
      end: as of `greedy`.
      limits: as of `greedy`.
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
        return log_probability / share ** tf.cast(length_penalty, lowest.dtype)

    def more(time, tokens, state, scored, lengths, counted, done, arrays):
        return (time == 0) | (time < longest) & ~tf.reduce_all(done)

    def body(time, tokens, state, scored, lengths, counted, done, arrays):
        before = tokens, state, scored, lengths, counted, done
        logits, state, trace = step(tf.reshape(tokens, [-1]), state)
        size = tf.shape(logits)[-1]
        added = tf.reshape(tf.nn.log_softmax(logits), [batch, width, size])
        # What is done goes on in one way only, which costs nothing.
        stays = tf.where(tf.range(size) == end, tf.zeros_like(lowest), lowest)
        added = tf.where(done[..., None], stays, added)
        # The sum of two lowest ones is out of range.
        scored = tf.maximum(scored[..., None] + added, lowest)
        counted += tf.where(done, 0, 1)
        ranked = normalized(scored, counted[..., None])
        _, best = tf.math.top_k(tf.reshape(ranked, [batch, -1]), width)
        scored = tf.gather(tf.reshape(scored, [batch, -1]), best, batch_dims=1)
        parents, tokens = best // size, best % size
        rows = tf.reshape(parents + width * tf.range(batch)[:, None], [-1])
        state = tf.nest.map_structure(lambda s: tf.gather(s, rows), state)
        lengths, counted, done = (
            tf.gather(values, parents, batch_dims=1)
            for values in (lengths, counted, done)
        )
        done |= tokens == end
        lengths += tf.where(done, 0, 1)
        kept = tf.where(done, 0, tokens)
        arrays = _write(arrays, time, (kept, parents, _split(trace, width)))
        done |= lengths >= limits
        after = tokens, state, scored, lengths, counted, done
        return time + 1, *_like(after, before), arrays

    zeros = tf.zeros([batch, width], tf.int32)
    # At first all are the same, and only one of them shall be followed.
    scored = tf.where(tf.range(width) == 0, tf.zeros_like(lowest), lowest)
    scored = scored + tf.cast(zeros, lowest.dtype)
    done = tf.repeat(limits <= 0, width, 1)
    arrays = _arrays((zeros, zeros, _split(trace, width)))
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
    return Decoded(tokens, lengths, scored, score, trace)


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
        return time - 1, before, _write(found, time, (kept, traced))

    found = tf.nest.map_structure(
        lambda a: tf.TensorArray(a.dtype, steps, element_shape=a.element_shape),
        (tokens, trace),
    )
    *_, found = tf.while_loop(
        lambda time, *_: time >= 0, body, (steps - 1, order, found)
    )
    return tf.nest.map_structure(lambda a: _stack(a, 2), found)


def _split(trace, width):
    """Returns traces (batch, width, ...) of (rows, ...)."""

    def split(values):
        shape = tf.concat([[-1, width], tf.shape(values)[1:]], 0)
        parts = tf.reshape(values, shape)
        return tf.ensure_shape(parts, [None, None, *values.shape[1:]])

    return tf.nest.map_structure(split, trace)


def _arrays(examples):
    """Returns an array that grows, for each tensor of a step."""
    return tf.nest.map_structure(
        lambda x: tf.TensorArray(
            x.dtype,
            0,
            dynamic_size=True,
            clear_after_read=False,
            element_shape=x.shape,
        ),
        examples,
    )


def _write(arrays, time, values):
    return tf.nest.map_structure(
        lambda array, value: array.write(time, value), arrays, values
    )


def _stack(array, place=1):
    """Returns the steps of an array as the axis at `place`."""
    values = array.stack()
    rank = values.shape.rank
    axes = [*range(1, place + 1), 0, *range(place + 1, rank)]
    return tf.transpose(values, axes)
