"""Greedy and sampled decoding: from a step to whole sequences.

All functions, here, in `beam_search` and in `diverse_beam_search`, run in the
graph, and use a model only by its step: see `Step`. A step costs the same at
every position, and a row of its result does not depend on the other rows.

A sequence ends with the token `end`, or where its length reaches its limit.
Zeros follow its last token. At least one step is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from typing import NamedTuple
from typing import Protocol

import tensorflow as tf

from common.generation import numbers

# Nests of tensors with one row for each sequence.
State = Any
Trace = Any


class Step(Protocol):
    """The next-token step of a model."""

    def __call__(
        self, tokens: tf.Tensor, state: State
    ) -> tuple[tf.Tensor, State, Trace]:
        """Returns logits, the next state and the trace.

        Args:
          tokens: int32 (rows,); the last tokens.
          state: Nest of tensors (rows, ...).

        Returns:
          Logits (rows, vocabulary) of the next tokens; the next state, of the
          same structure as `state`; and a nest of tensors (rows, ...) to be
          kept for each step, such as the alignments; () for none.
        """


class Decoded(NamedTuple):
    """Decoded sequences, the best first; `n` is 1 or the beam width.

    Attributes:
      tokens: int32 (batch, n, steps), without end tokens.
      lengths: int32 (batch, n); number of tokens.
      log_probability: (batch, n); of the tokens, and of the end where it was
        reached.
      score: (batch, n); what the sequences are ordered by.
      trace: The traces of the steps, (batch, n, steps, ...).
    """

    tokens: tf.Tensor
    lengths: tf.Tensor
    log_probability: tf.Tensor
    score: tf.Tensor
    trace: Trace


def greedy(
    step: Step, state: State, start: tf.Tensor, end: int, limits: tf.Tensor
) -> Decoded:
    """Decodes the most probable token at each step.

    Args:
      step: See `Step`.
      state: The first state, of `batch` rows.
      start: int32 (batch,); the first tokens that the step reads.
      end: The end token.
      limits: int32 (batch,); maximum number of tokens of each sequence.
    """

    def choose(logits, time):
        return tf.argmax(logits, -1, tf.int32)

    return _decode(step, state, start, end, limits, choose)


def sample(
    step: Step,
    state: State,
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
      step: See `greedy`.
      state: See `greedy`.
      start: See `greedy`.
      end: See `greedy`.
      limits: See `greedy`.
      seeds: int32 (batch,); a sequence depends on its own seed alone.
      temperature: Divides the logits; 0 is `greedy`. It and the next two
        are clipped to what is possible; NaN is refused.
      top_k: Draws from this number of most probable tokens; 0 for all.
      top_p: Draws from the fewest most probable tokens whose probabilities
        add up to this (nucleus sampling, Holtzman et al. 2020).
    """
    temperature = numbers.clipped(
        tf.cast(temperature, tf.float32),
        0,
        numbers.MAX_TEMPERATURE,
        "temperature",
    )
    top_p = numbers.clipped(tf.cast(top_p, tf.float32), 0, 1, "top_p")

    def choose(logits, time):
        drawn = uniforms(seeds, time)
        return draw(logits, drawn, temperature, top_k, top_p)

    return _decode(step, state, start, end, limits, choose)


def draw(
    logits: tf.Tensor,
    drawn: tf.Tensor,
    temperature: tf.Tensor,
    top_k: tf.Tensor | int,
    top_p: tf.Tensor,
) -> tf.Tensor:
    """Returns a random token for each row of logits, int32 (rows,).

    Args:
      logits: (rows, vocabulary).
      drawn: (rows,); random numbers from 0 to 1.
      temperature: See `sample`, as for the next two.
      top_k: int.
      top_p: float.
    """
    size = tf.shape(logits)[-1]
    logits, tokens = tf.math.top_k(logits, size)
    logits = (logits - logits[:, :1]) / tf.maximum(temperature, 1e-6)
    shares = tf.nn.softmax(logits)
    better = tf.cumsum(shares, -1, exclusive=True)
    ranks = tf.range(size)
    kept = (ranks < tf.where(top_k > 0, top_k, size)) & (better < top_p)
    kept |= ranks == 0
    sums = tf.cumsum(tf.where(kept, shares, 0.0), -1)
    drawn = tf.where(temperature > 0, drawn * sums[:, -1], 0.0)
    place = tf.reduce_sum(tf.cast(sums <= drawn[:, None], tf.int32), -1)
    return tf.gather(tokens, place, batch_dims=1)


def uniforms(
    seeds: tf.Tensor, time: tf.Tensor | int, shape: Sequence[int] = ()
) -> tf.Tensor:
    """Returns random numbers in [0, 1) for each seed, (rows, *shape).

    Args:
      seeds: int32 (rows,).
      time: int32; number of the step.
      shape: Of the numbers of a seed.
    """
    return tf.map_fn(
        lambda seed: tf.random.stateless_uniform(shape, [seed, time]),
        seeds,
        fn_output_signature=tf.TensorSpec(shape, tf.float32),
    )


def _decode(step, state, start, end, limits, choose):
    """Decodes a sequence per row; `choose` selects tokens by their logits."""
    rows, longest = tf.shape(start)[0], tf.reduce_max(limits)
    # For the types only: the graph is pruned of this step.
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


def arrays_for(values: Any) -> Any:
    """Returns an empty, growing array for each tensor of a nest."""
    return tf.nest.map_structure(
        lambda x: tf.TensorArray(
            x.dtype,
            0,
            dynamic_size=True,
            clear_after_read=False,
            element_shape=x.shape,
        ),
        values,
    )


def write_step(arrays: Any, time: tf.Tensor, values: Any) -> Any:
    """Returns the arrays with the values of a step written."""
    return tf.nest.map_structure(
        lambda array, value: array.write(time, value), arrays, values
    )


def stacked(array: tf.TensorArray, axis: int = 1) -> tf.Tensor:
    """Returns the elements of an array stacked along an axis."""
    values = array.stack()
    rank = values.shape.rank
    axes = [*range(1, axis + 1), 0, *range(axis + 1, rank)]
    return tf.transpose(values, axes)
