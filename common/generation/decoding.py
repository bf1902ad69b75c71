"""Greedy and sampled decoding: from a step to whole sequences.

All functions, here and in `beam_search`, run in the graph, and know of a
model only its step:

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
    temperature = tf.cast(temperature, tf.float32)

    def choose(logits, time):
        size = tf.shape(logits)[-1]
        logits, tokens = tf.math.top_k(logits, size)
        logits = (logits - logits[:, :1]) / tf.maximum(temperature, 1e-6)
        shares = tf.nn.softmax(logits)
        better = tf.cumsum(shares, -1, exclusive=True)
        ranks = tf.range(size)
        kept = (ranks < tf.where(top_k > 0, top_k, size)) & (better < top_p)
        kept |= ranks == 0
        sums = tf.cumsum(tf.where(kept, shares, 0.0), -1)
        drawn = _uniform(seeds, time) * sums[:, -1]
        drawn = tf.where(temperature > 0, drawn, 0.0)
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
    arrays = arrays_for((start, trace))

    def more(time, tokens, state, log_probability, lengths, done, arrays):
        return (time == 0) | (time < longest) & ~tf.reduce_all(done)

    def body(time, tokens, state, log_probability, lengths, done, arrays):
        logits, state, trace = step(tokens, state)
        tokens = choose(logits, time)
        chosen = tf.gather(tf.nn.log_softmax(logits), tokens, batch_dims=1)
        log_probability += tf.where(done, tf.zeros_like(chosen), chosen)
        done |= tokens == end
        lengths += tf.where(done, 0, 1)
        arrays = write_step(arrays, time, (tf.where(done, 0, tokens), trace))
        done |= lengths >= limits
        return time + 1, tokens, state, log_probability, lengths, done, arrays

    zeros = tf.zeros([rows], tf.int32)
    first = tf.cast(zeros, logits.dtype), zeros, limits <= 0
    *_, log_probability, lengths, _, arrays = tf.while_loop(
        more, body, (0, start, state, *first, arrays)
    )
    tokens, trace = tf.nest.map_structure(
        lambda array: stacked(array)[:, None], arrays
    )
    log_probability = log_probability[:, None]
    return Decoded(
        tokens, lengths[:, None], log_probability, log_probability, trace
    )


def arrays_for(examples):
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


def write_step(arrays, time, values):
    """Returns the arrays with the values of a step."""
    return tf.nest.map_structure(
        lambda array, value: array.write(time, value), arrays, values
    )


def stacked(array, place=1):
    """Returns the steps of an array as the axis at `place`."""
    values = array.stack()
    rank = values.shape.rank
    axes = [*range(1, place + 1), 0, *range(place + 1, rank)]
    return tf.transpose(values, axes)
